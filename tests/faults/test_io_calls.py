"""System calls that fail, one after the other: nothing untrue is told, and it recovers."""

import os
import random
from pathlib import Path

import pytest

from tests.faults.io.faults import Fault
from tests.faults.io.harness import Outcome, Stage
from tests.planting import Patch, copy_of_the_code

pytestmark = [
    pytest.mark.sqlite_only("PostgreSQL has its disk to itself"),
    pytest.mark.usefixtures("strace"),
]

SEED = int(os.environ.get("IO_SEED", "1"))
# So many calls of each kind; `python -m tests.faults.io` takes all of them.
PLAYS = 8


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("io"))


def _some_fail(stage: Stage, fault: Fault, plays: int = PLAYS) -> Outcome:
    """Fail some of the calls that an undisturbed play makes."""
    calls = range(1, stage.calls(fault.call) + 1)
    chosen = sorted(random.Random(f"{SEED} {fault}").sample(calls, min(plays, len(calls))))
    outcome = stage.fail(fault, chosen, SEED)
    assert outcome.plays == len(chosen)
    return outcome


@pytest.mark.parametrize(
    "fault",
    [
        Fault("sync", "EIO", "once"),
        Fault("sync", "EIO", "twice"),
        Fault("sync", "ENOSPC", "for ever"),
        Fault("write", "EIO", "once"),
        Fault("write", "ENOSPC", "ten times"),
        Fault("write", "ENOSPC", "for ever"),
        Fault("open", "EIO", "once"),
        Fault("open", "ENOSPC", "for ever"),
        Fault("truncate", "EIO", "once"),
        Fault("read", "EIO", "ten times"),
    ],
    ids=str,
)
def test_a_failing_call_makes_nothing_untrue_and_costs_a_restart_only_if_it_always_fails(
    stage: Stage, fault: Fault
) -> None:
    outcome = _some_fail(stage, fault)
    assert outcome.broken == []
    assert outcome.recovered == outcome.plays


def test_what_a_dead_process_could_not_sync_is_told_by_the_next_one_only_once_it_is_safe(
    stage: Stage,
) -> None:
    """The next one finds the dead one's last commit in the log, as if it were one."""
    fault = Fault("sync", "EIO", "for ever")
    outcome = stage.fail(fault, range(1, stage.calls("sync") + 1), SEED)
    assert outcome.answers["OutcomeUnknown"] > 0
    assert outcome.broken == []
    assert outcome.recovered == outcome.plays


def test_a_failing_sync_of_a_rollback_journal_makes_nothing_untrue(tmp_path: Path) -> None:
    stage = Stage(tmp_path, rollback_journal=True)
    # Every third is that of the emptied journal: without it a power cut brings back what was there.
    syncs = range(1, stage.calls("sync") + 1, 2)
    outcome = stage.fail(Fault("sync", "EIO", "twice"), syncs, SEED)
    assert outcome.broken == []
    assert outcome.recovered == outcome.plays


def test_the_calls_that_fail_are_those_that_matter(stage: Stage) -> None:
    """Each command syncs and writes; a harness that fails nothing would find nothing."""
    assert stage.calls("sync") >= 10
    assert stage.calls("write") >= 50
    assert stage.calls("open") >= 3
    outcome = stage.fail(Fault("sync", "EIO", "for ever"), [1], SEED)
    assert outcome.answers["accepted"] == 0
    assert outcome.answers["OutcomeUnknown"] + outcome.answers["StorageUnavailable"] > 0


@pytest.mark.parametrize(
    ("patches", "fault"),
    [
        (
            [
                Patch(
                    "repository/sqlite/connection.py",
                    "            raise OutcomeUnknown(reason(error)) from error\n",
                    "            pass\n",
                )
            ],
            Fault("sync", "EIO", "once"),
        ),
        (
            [
                Patch(
                    "repository/sqlite/connection.py",
                    "primary_code(error) == sqlite3.SQLITE_FULL",
                    "primary_code(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)",
                )
            ],
            Fault("sync", "EIO", "for ever"),
        ),
        (
            [
                Patch(
                    "repository/sqlite/connection.py",
                    "        self._anchor.hold(file_id, deadline)\n",
                    "",
                )
            ],
            Fault("sync", "EIO", "ten times"),
        ),
        (
            [
                Patch(
                    "repository/sqlite/anchor.py",
                    "            self._make_log_safe(connection, deadline)\n",
                    "            pass\n",
                )
            ],
            Fault("sync", "EIO", "for ever"),
        ),
    ],
    ids=[
        "a commit that failed counts as one",
        "a commit that failed is told to be without effect",
        "nothing keeps the index of the log",
        "the log is not synced when it is opened",
    ],
)
def test_less_care_is_found_out(tmp_path: Path, patches: list[Patch], fault: Fault) -> None:
    careless = Stage(tmp_path, project=copy_of_the_code(tmp_path / "code", patches))
    calls = range(1, careless.calls(fault.call) + 1)
    assert careless.fail(fault, calls, SEED).broken
