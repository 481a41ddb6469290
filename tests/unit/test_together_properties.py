"""Whatever waits together, and whatever goes wrong: each is told what has become of its work."""

import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.unit.gathering import Bug, Gathering, loses_its_race
from tests.unit.rig import raising
from ticketboss.repository.interface import Conflict, LockTimeout, OutcomeUnknown
from ticketboss.repository.sqlite.together import Work

KINDS = ("writes", "writes", "writes", "loses", "loses late", "has a bug")
TOLD = {
    "writes": type(None),
    "loses": Conflict,
    "loses late": Conflict,
    "has a bug": Bug,
}

members = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(KINDS)), max_size=12)
commits = st.lists(st.sampled_from(["answered", "landed", "lost", "no room"]), max_size=6)


def _work(gathering: Gathering, number: int, kind: str) -> Work:
    if kind == "loses":
        return loses_its_race
    return gathering.writes(number, {"loses late": Conflict(), "has a bug": Bug()}.get(kind))


def _let_commits_fail(gathering: Gathering, commits: list[str]) -> None:
    """Each list has a hook for each COMMIT; the second is asked only behind one that is done."""
    before = {"lost": OutcomeUnknown("lost"), "no room": LockTimeout()}
    for fate in commits:
        error = before.get(fate)
        gathering.connections.before_commit.append(raising(error) if error else lambda: None)
        if error is None:
            unknown = OutcomeUnknown("landed")
            hook = raising(unknown) if fate == "landed" else lambda: None
            gathering.connections.after_commit.append(hook)


@settings(max_examples=60, deadline=None)
@given(members, commits)
def test_each_is_told_what_has_become_of_its_work(
    members: list[tuple[str, str]], commits: list[str]
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Gathering(Path(folder))) as gathering,
    ):
        _let_commits_fail(gathering, commits)
        works = [(id_, _work(gathering, n, kind)) for n, (id_, kind) in enumerate(members)]
        told = gathering.gather(works)
        there = gathering.numbers()
        for number, ((_, kind), error) in enumerate(zip(members, told, strict=True)):
            if isinstance(error, OutcomeUnknown):
                assert (number in there) == (error.args == ("landed",))
            elif isinstance(error, LockTimeout):
                # Alone, and there was no room once more.
                assert number not in there
                assert "no room" in commits
            else:
                assert isinstance(error, TOLD[kind])
                assert (number in there) == (kind == "writes")
        shared = Counter((gathering.done_in[number], members[number][0]) for number in there)
        assert all(times == 1 for times in shared.values())
        assert gathering.is_idle()
        event(f"{gathering.connections.commits} commits")
