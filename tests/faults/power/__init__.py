"""Power cuts: disk images made from the system calls of a real server, each opened and checked."""
