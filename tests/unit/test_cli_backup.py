"""`backup`: what it makes, what it says, and what it refuses without leaving anything."""

import json
import os
import shutil
import stat
from collections import namedtuple
from pathlib import Path

import pytest

from tests.unit.backing_up import Keeper, make_sqlite, rows_of
from tests.unit.examples import reserve
from ticketboss.cli import backups
from ticketboss.repository import files

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path)


def test_people_are_told_what_the_backup_has(tmp_path: Path, keeper: Keeper) -> None:
    [line] = keeper.lines("backup", str(tmp_path / "b.db"))
    size = (tmp_path / "b.db").stat().st_size
    assert line == (
        f"Backed up to {tmp_path}/b.db: 1 events, 2 ledger entries, {size} bytes; "
        f"no page is damaged, and the ledgers replay clean."
    )


def test_programs_are_told_the_same(tmp_path: Path, keeper: Keeper) -> None:
    told = keeper.document("backup", str(tmp_path / "b.db"))
    size = (tmp_path / "b.db").stat().st_size
    assert told == {
        "path": f"{tmp_path}/b.db",
        "events": 1,
        "entries": 2,
        "bytes": size,
        "deleted": [],
        "differences": [],
    }


def test_a_backup_is_one_file_that_any_sqlite_can_read(tmp_path: Path, keeper: Keeper) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    backup = keeper.back_up(folder / "b.db")
    assert [path.name for path in folder.iterdir()] == ["b.db"]
    assert rows_of(backup, "SELECT version, available_seats FROM events") == [(1, 498)]
    assert rows_of(backup, "PRAGMA journal_mode") == [("delete",)]


def test_a_backup_has_what_is_still_in_the_log_of_the_database(
    tmp_path: Path, keeper: Keeper
) -> None:
    keeper.sell(reserve(3, "r2"))
    assert keeper.path.with_name("ticketboss.db-wal").stat().st_size > 0
    backup = keeper.back_up(tmp_path / "b.db")
    assert rows_of(backup, "SELECT available_seats FROM events") == [(495,)]


def test_who_may_not_read_the_database_may_not_read_its_backup(
    tmp_path: Path, keeper: Keeper
) -> None:
    keeper.path.chmod(0o640)
    backup = keeper.back_up(tmp_path / "b.db")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o640


def test_a_backup_never_overwrites_anything(tmp_path: Path, keeper: Keeper) -> None:
    (tmp_path / "b.db").write_text("precious")
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere")
    for name in ("b.db", "link.db"):
        assert keeper.refusal("backup", str(tmp_path / name)) == "target_exists"
    assert (tmp_path / "b.db").read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_the_database_is_not_its_own_backup(keeper: Keeper, suffix: str) -> None:
    target = f"{keeper.folder}/../data/ticketboss.db{suffix}"
    assert keeper.refusal("backup", target) == "target_is_database"


def test_a_folder_that_does_not_exist_is_not_made(tmp_path: Path, keeper: Keeper) -> None:
    assert keeper.refusal("backup", str(tmp_path / "none" / "b.db")) == "not_found"
    assert not (tmp_path / "none").exists()


def test_a_database_that_does_not_exist_is_not_made(tmp_path: Path, keeper: Keeper) -> None:
    keeper.path.unlink()
    assert keeper.refusal("backup", str(tmp_path / "b.db")) == "not_found"
    assert not keeper.path.exists()


def test_what_is_no_database_is_not_backed_up(tmp_path: Path, keeper: Keeper) -> None:
    keeper.path.write_text("something else, and not even short" * 10)
    assert keeper.refusal("backup", str(tmp_path / "b.db")) == "not_a_database"


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ("INSERT INTO schema_migrations VALUES (99, 'later', 0)", "start the newer TicketBoss"),
        ("DELETE FROM schema_migrations WHERE number > 1", "run 'python -m ticketboss migrate'"),
    ],
)
def test_another_schema_is_told_of_with_the_remedy(
    tmp_path: Path, keeper: Keeper, change: str, remedy: str
) -> None:
    make_sqlite(keeper.path, change)
    assert keeper.refusal("backup", str(tmp_path / "b.db")) == "schema_mismatch"
    assert remedy in keeper.run("backup", str(tmp_path / "b.db")).stderr
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_of_a_damaged_database_nothing_is_kept(tmp_path: Path, keeper: Keeper) -> None:
    make_sqlite(keeper.path, "UPDATE reservations SET seats = 3")
    done = keeper.run("backup", str(tmp_path / "b.db"))
    assert (done.exit_code, done.stderr) == (1, "")
    first, *lines = done.stdout.splitlines()
    assert first == "Damaged, so nothing was kept:"
    as_json = keeper.run("backup", str(tmp_path / "b.db"), "--json")
    assert as_json.exit_code == 1
    assert [line.removeprefix("  ") for line in lines] == json.loads(as_json.stdout)["differences"]
    assert "the row is" in lines[0]
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_a_copy_that_would_leave_no_room_for_the_sale_is_not_begun(
    tmp_path: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = Usage(10**12, 0, files.ROOM_LEFT_BYTES_MIN + keeper.path.stat().st_size - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert keeper.refusal("backup", str(tmp_path / "b.db")) == "no_room"
    assert "134 MB stay free for the sale" in keeper.run("backup", str(tmp_path / "b.db")).stderr


def test_ctrl_c_leaves_nothing(
    tmp_path: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        assert (tmp_path / "b.db.ticketboss-partial").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(backups, "replayed", interrupt)
    done = keeper.run("backup", str(tmp_path / "b.db"))
    assert (done.exit_code, done.stdout, done.stderr.strip()) == (1, "", "Aborted!")
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_what_a_killed_backup_has_left_is_used_by_the_next(tmp_path: Path, keeper: Keeper) -> None:
    (tmp_path / "b.db.ticketboss-partial").write_bytes(b"half of it" * 100_000)
    keeper.back_up(tmp_path / "b.db")
    assert {path.name for path in tmp_path.iterdir()} == {"data", "b.db"}


def test_two_backups_to_one_name_do_not_mix(tmp_path: Path, keeper: Keeper) -> None:
    with files.partial_beside(tmp_path / "b.db", like=keeper.path) as partial:
        assert keeper.refusal("backup", str(tmp_path / "b.db")) == "target_busy"
        assert partial.exists()
    keeper.back_up(tmp_path / "b.db")


def test_who_comes_first_keeps_the_name(
    tmp_path: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_faster(*_: object) -> list[str]:
        (tmp_path / "b.db").write_text("precious")
        return []

    monkeypatch.setattr(backups, "replayed", be_faster)
    done = keeper.run("backup", str(tmp_path / "b.db"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "exists by now" in done.stderr
    assert (tmp_path / "b.db").read_text() == "precious"


def test_a_disk_without_links_has_its_backup_as_well(
    tmp_path: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    backup = keeper.back_up(tmp_path / "b.db")
    assert rows_of(backup, "SELECT version FROM events") == [(1,)]
    assert {path.name for path in tmp_path.iterdir()} == {"data", "b.db"}
