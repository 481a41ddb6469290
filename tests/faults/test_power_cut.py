"""What was answered survives a power cut at any moment, whatever had not been synced by then."""

from pathlib import Path

import pytest

from tests.faults.power.checks import Told
from tests.faults.power.cuts import all_cuts, broken, some_cuts
from tests.faults.power.disk import LOSSES, SECTOR_BYTES, Disk, Loss
from tests.faults.power.recording import EVENTS
from tests.faults.power.recordings import (
    CARELESS_JOURNAL,
    CARELESS_LOG,
    JOURNAL,
    LOG,
    ONLY_DELETED,
    REQUESTS,
    SEED,
    TOLD_EARLY,
    UNSYNCED_LOG,
    Kind,
    Recordings,
)
from tests.faults.power.trace import (
    Make,
    Operation,
    Remove,
    Step,
    Sync,
    SyncFolder,
    Truncate,
    Write,
    steps,
)

pytestmark = pytest.mark.sqlite_only("PostgreSQL keeps its promises itself")

IMAGES = 1_000
ROLLBACK_IMAGES = 300
CONTROL_IMAGES = 100
OLD, NEW = b"o" * 2 * SECTOR_BYTES, b"n" * 2 * SECTOR_BYTES


@pytest.fixture(scope="module")
def begun(recordings: Recordings) -> Recordings:
    """The recordings of these tests, which are made while the first images are looked at."""
    recordings.begin(LOG, JOURNAL, UNSYNCED_LOG)
    recordings.begin(CARELESS_LOG, CARELESS_JOURNAL, ONLY_DELETED, TOLD_EARLY)
    return recordings


def _disk(*operations: Operation) -> Disk:
    disk = Disk()
    for place, operation in enumerate(operations):
        disk.apply(Step(place, operation))
    return disk


def _contents(disk: Disk, loss: Loss) -> set[bytes | None]:
    """What the file "f" can be like after a cut; None where it is not there."""
    return {disk.image(loss, str(seed)).get("f") for seed in range(50)}


def test_every_image_of_a_recorded_run_keeps_all_that_was_told(begun: Recordings) -> None:
    recorded = begun.steps(LOG)
    told = Told()
    for step in recorded:
        told.hear(step)
    assert told.versions.keys() >= {*EVENTS}
    assert told.versions.total() > REQUESTS / 2
    assert len(told.reservation_ids) > REQUESTS / 5
    assert broken(recorded, some_cuts(len(recorded), IMAGES, SEED)) == []


def test_every_image_of_a_rollback_journal_keeps_all_that_was_told(begun: Recordings) -> None:
    recorded = begun.steps(JOURNAL)
    found = broken(recorded, some_cuts(len(recorded), ROLLBACK_IMAGES, SEED), rollback_journal=True)
    assert found == []


@pytest.mark.parametrize(
    ("careless", "rollback_journal"),
    [(CARELESS_LOG, False), (CARELESS_JOURNAL, True)],
    ids=["write-ahead log", "rollback journal"],
)
def test_less_than_full_durability_is_found_out(
    begun: Recordings, careless: Kind, rollback_journal: bool
) -> None:
    recorded = begun.steps(careless)
    found = broken(
        recorded, some_cuts(len(recorded), CONTROL_IMAGES, SEED), rollback_journal=rollback_journal
    )
    assert found


def test_events_that_share_a_transaction_and_are_told_before_its_commit_are_found_out(
    begun: Recordings,
) -> None:
    recorded = begun.steps(TOLD_EARLY)
    found = broken(recorded, some_cuts(len(recorded), CONTROL_IMAGES, SEED))
    assert any("was told, but event-" in complaint for each in found for complaint in each.found)


def test_a_log_that_is_begun_anew_without_a_sync_is_found_out(begun: Recordings) -> None:
    recorded = begun.steps(UNSYNCED_LOG)
    assert broken(recorded, some_cuts(len(recorded), IMAGES, SEED))


def test_a_journal_that_is_only_deleted_is_found_out(begun: Recordings) -> None:
    recorded = begun.steps(ONLY_DELETED)
    found = broken(recorded, some_cuts(len(recorded), CONTROL_IMAGES, SEED), rollback_journal=True)
    assert found


def test_the_long_form_cuts_in_each_way_at_each_place_and_each_round_is_everywhere() -> None:
    rounds = list(all_cuts(5_000, SEED))
    pairs = [(cut.place, cut.loss) for wanted in rounds for cut in wanted]
    assert sorted(pairs) == [(place, loss) for place in range(1, 5_001) for loss in sorted(LOSSES)]
    for wanted in rounds:
        places = [cut.place for cut in wanted]
        assert places == sorted(places)
        assert places[-1] - places[0] > 4_900
    assert [cut.place for wanted in all_cuts(3, SEED) for cut in wanted[::4]] == [1, 2, 3]


def test_in_the_short_form_what_is_lost_has_nothing_to_do_with_the_place() -> None:
    met = {(cut.place % 4, cut.loss) for cut in some_cuts(IMAGES, IMAGES, SEED)}
    assert met == {(number, loss) for number in range(4) for loss in LOSSES}


@pytest.mark.parametrize("loss", LOSSES)
def test_what_was_synced_is_always_there(loss: Loss) -> None:
    disk = _disk(Make("f"), SyncFolder(1), Write("f", 0, OLD), Sync("f", 3))
    assert _contents(disk, loss) == {OLD}


def test_what_was_not_synced_is_there_or_not_or_in_part() -> None:
    disk = _disk(Make("f"), SyncFolder(1), Write("f", 0, OLD), Sync("f", 3), Write("f", 0, NEW))
    assert _contents(disk, "all") == {OLD}
    assert _contents(disk, "none") == {NEW}
    assert _contents(disk, "part") == {OLD, NEW}
    half = SECTOR_BYTES
    torn = {NEW[:half] + OLD[half:], OLD[:half] + NEW[half:]}
    assert _contents(disk, "torn") == {OLD, NEW} | torn


def test_a_sync_does_not_cover_what_is_written_while_it_runs() -> None:
    disk = _disk(Make("f"), SyncFolder(1), Write("f", 0, OLD), Write("f", 0, NEW), Sync("f", 3))
    assert _contents(disk, "all") == {OLD}


def test_a_name_is_safe_only_once_its_folder_is_synced() -> None:
    made = (Make("f"), Write("f", 0, OLD), Sync("f", 2))
    assert _contents(_disk(*made), "all") == {None}
    assert _contents(_disk(*made, SyncFolder(3)), "all") == {OLD}
    assert _contents(_disk(*made, SyncFolder(3), Remove("f")), "part") == {None, OLD}


def test_a_file_that_grew_unsynced_reads_as_zeros() -> None:
    disk = _disk(Make("f"), SyncFolder(1), Truncate("f", 3))
    assert _contents(disk, "part") == {b"", bytes(3)}


def test_calls_that_overlap_count_from_where_they_are_certain() -> None:
    name = "".join(f"\\x{byte:02x}" for byte in b"/d/t.db")
    lines = [
        f'1 openat(AT_FDCWD<\\x2f>, "{name}", O_RDWR|O_CREAT, 0644) = 3<{name}>',
        f"1 fdatasync(3<{name}> <unfinished ...>",
        f'2 pwrite64(3<{name}>, "\\x61\\x62", 2, 7) = 1',
        "1 <... fdatasync resumed>) = 0",
        f'2 pwrite64(3<{name}>, "\\x61\\x62", 2, 7) = -1 ENOSPC (No space left on device)',
    ]
    assert steps(lines, Path("/d/t.db")) == [
        Step(0, Make("t.db")),
        Step(2, Write("t.db", 7, b"a")),
        Step(3, Sync("t.db", 1)),
    ]


def test_a_call_that_no_image_is_made_from_stops_the_harness() -> None:
    name = "".join(f"\\x{byte:02x}" for byte in b"/d/t.db")
    with pytest.raises(NotImplementedError, match="fallocate"):
        steps([f"1 fallocate(3<{name}>, 0, 0, 4096) = 0"], Path("/d/t.db"))
