"""Plan on a snapshot, commit if the version still holds, answer after the commit."""
