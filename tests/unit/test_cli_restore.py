"""`restore`: what it puts in the database's place, and when it touches nothing."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.contract.schema_one import make_first_database
from tests.unit.backing_up import Keeper, make_sqlite, rows_of
from tests.unit.examples import EVENT_ID, reserve
from tests.unit.operating import Operator
from ticketboss.cli import backups
from ticketboss.repository.sqlite.driver import choose_driver

# Commits, and is killed: its commit is in the log beside the file, and in no other place.
COMMIT_AND_DIE = """
import os, sys
from ticketboss.repository.sqlite.driver import choose_driver
connection = choose_driver().module.connect(sys.argv[1], isolation_level=None)
connection.execute("UPDATE partners SET name = 'not yet moved'")
os.kill(os.getpid(), 9)
"""
HOLD_OPEN = """
import sys
from ticketboss.repository.sqlite.driver import choose_driver
connection = choose_driver().module.connect(sys.argv[1], isolation_level=None)
print(connection.execute("SELECT count(*) FROM events").fetchall(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path)


@pytest.fixture
def backup(tmp_path: Path, keeper: Keeper) -> Path:
    """A backup, after which more was sold."""
    backup = keeper.back_up(tmp_path / "b.db")
    keeper.sell(reserve(3, "r2"))
    return backup


def _available(path: Path) -> int:
    [(seats,)] = rows_of(path, "SELECT available_seats FROM events")
    return int(seats)


def _unchanged(keeper: Keeper) -> bool:
    return keeper.files == set() and len(keeper.ledger(EVENT_ID)) == 3


def test_what_was_backed_up_is_back(keeper: Keeper, backup: Path) -> None:
    told = keeper.document("restore", str(backup))
    assert told.items() >= {"path": str(keeper.path), "events": 1, "entries": 2}.items()
    assert (told["applied"], told["differences"]) == ([], [])
    assert len(keeper.ledger(EVENT_ID)) == 2
    assert keeper.run("verify").exit_code == 0
    keeper.sell(reserve(4, "r3"))
    assert len(keeper.ledger(EVENT_ID)) == 3


def test_people_are_told_where_the_old_database_is(keeper: Keeper, backup: Path) -> None:
    restored, replaced = keeper.lines("restore", str(backup))
    assert restored.startswith(f"Restored {keeper.path} from {backup}: 1 events, 2 ledger entries")
    name = min(keeper.files)
    assert (
        replaced == f"What was there is {keeper.folder}/{name} now; delete it when nobody needs it."
    )


def test_a_restore_can_be_taken_back(keeper: Keeper, backup: Path) -> None:
    replaced = keeper.document("restore", str(backup))["replaced"]
    keeper.document("restore", replaced)
    assert len(keeper.ledger(EVENT_ID)) == 3


def test_no_stale_log_lies_beside_what_was_restored(
    keeper: Keeper, backup: Path, tmp_path: Path
) -> None:
    make_sqlite(keeper.path, "INSERT INTO partners VALUES ('p', 'known', 0, 0)")
    subprocess.run([sys.executable, "-c", COMMIT_AND_DIE, keeper.path], check=False)
    assert keeper.path.with_name("ticketboss.db-wal").stat().st_size > 0
    replaced = Path(keeper.document("restore", str(backup))["replaced"])
    beside = {path.name for path in keeper.folder.iterdir()} - {replaced.name}
    assert beside == {"ticketboss.db", f"{replaced.name}-wal"}
    assert _available(keeper.path) == 498
    with closing(choose_driver().module.connect(replaced)) as connection:
        assert connection.execute("SELECT name FROM partners").fetchall() == [("not yet moved",)]


@pytest.mark.parametrize("left", ["", "-wal", "-shm", "-journal"])
def test_a_lost_database_is_restored_with_its_folder(
    keeper: Keeper, backup: Path, left: str
) -> None:
    for path in keeper.folder.iterdir():
        path.unlink()
    keeper.folder.rmdir()
    if left:
        keeper.folder.mkdir()
        keeper.path.with_name(f"ticketboss.db{left}").write_bytes(b"stale" * 1_000)
    told = keeper.document("restore", str(backup))
    assert told["replaced"] is None
    assert not keeper.path.with_name(f"ticketboss.db{left or '-wal'}").exists()
    assert len(keeper.ledger(EVENT_ID)) == 2


def test_nothing_is_restored_while_somebody_has_the_database_open(
    keeper: Keeper, backup: Path
) -> None:
    command = [sys.executable, "-c", HOLD_OPEN, str(keeper.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"[(1,)]\n"
        assert keeper.refusal("restore", str(backup)) == "database_in_use"
        said = keeper.run("restore", str(backup)).stderr
        holder.communicate()
    assert "is in use: stop the server" in said
    assert _unchanged(keeper)


def test_who_comes_while_the_backup_is_checked_is_seen(
    keeper: Keeper, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders = []

    def open_meanwhile(*_: object) -> list[str]:
        command = [sys.executable, "-c", HOLD_OPEN, str(keeper.path)]
        holders.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert holders[-1].stdout is not None
        holders[-1].stdout.readline()
        return []

    monkeypatch.setattr(backups, "replayed", open_meanwhile)
    done = keeper.run("restore", str(backup), "--json")
    for holder in holders:
        holder.communicate()
    assert (done.exit_code, len(holders)) == (1, 1)
    assert "database_in_use" in done.stdout
    assert _unchanged(keeper)


def test_a_backup_of_an_older_schema_is_brought_up_to_date(
    tmp_path: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_first_database(tmp_path, choose_driver(), monkeypatch)
    old = tmp_path / "ticketboss.db"
    told = keeper.document("restore", str(old))
    assert told["applied"][0] == "0002_holds_and_limits.sql"
    assert keeper.run("verify").exit_code == 0
    assert rows_of(old, "SELECT max(number) FROM schema_migrations") == [(1,)]


def test_a_backup_of_a_newer_schema_is_refused(keeper: Keeper, backup: Path) -> None:
    make_sqlite(backup, "INSERT INTO schema_migrations VALUES (99, 'later', 0)")
    assert keeper.refusal("restore", str(backup)) == "schema_mismatch"
    said = keeper.run("restore", str(backup)).stderr
    assert f"{backup}: The database has schema 99" in said
    assert _unchanged(keeper)


def test_what_is_no_backup_is_refused(tmp_path: Path, keeper: Keeper, backup: Path) -> None:
    (tmp_path / "text").write_text("something else")
    (tmp_path / "empty").touch()
    make_sqlite(tmp_path / "other.db", "CREATE TABLE t (x)")
    for name in ("text", "empty", "other.db", "data"):
        assert keeper.refusal("restore", str(tmp_path / name)) == "not_a_database"
    assert keeper.refusal("restore", str(tmp_path / "nowhere")) == "not_found"
    assert keeper.refusal("restore", str(keeper.path)) == "target_is_database"
    assert _unchanged(keeper)


def test_a_damaged_backup_is_refused(keeper: Keeper, backup: Path) -> None:
    make_sqlite(backup, "UPDATE reservations SET seats = 3")
    done = keeper.run("restore", str(backup))
    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout.startswith("Damaged, so nothing was kept:\n")
    assert _unchanged(keeper)


def test_a_torn_backup_is_refused(keeper: Keeper, backup: Path) -> None:
    torn = bytearray(backup.read_bytes())
    torn[8192:16384] = bytes(8192)
    backup.write_bytes(torn)
    done = keeper.run("restore", str(backup))
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert _unchanged(keeper)


def test_ctrl_c_changes_nothing(
    keeper: Keeper, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backups, "replayed", interrupt)
    assert keeper.run("restore", str(backup)).stderr.strip() == "Aborted!"
    assert _unchanged(keeper)


def test_a_database_behind_a_link_is_restored_where_it_is(
    tmp_path: Path, keeper: Keeper, backup: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    keeper.path.rename(elsewhere)
    keeper.path.symlink_to(elsewhere)
    keeper.document("restore", str(backup))
    assert keeper.path.is_symlink()
    assert _available(elsewhere) == 498


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_restores_belongs_to_the_account_of_the_server(
    keeper: Keeper, backup: Path
) -> None:
    os.chown(keeper.path, 65534, 65533)
    keeper.path.chmod(0o660)
    keeper.document("restore", str(backup))
    found = keeper.path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (65534, 65533, 0o660)


def test_what_is_restored_is_no_backup_any_more(keeper: Keeper, backup: Path) -> None:
    keeper.document("restore", str(backup))
    assert rows_of(backup, "PRAGMA application_id") != [(0,)]
    assert rows_of(keeper.path, "PRAGMA application_id") == [(0,)]


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_on_postgresql_it_is_said_what_to_use_instead(
    keeper: Keeper, backup: Path, command: str
) -> None:
    url = "postgresql://name:pa55word@db.example/ticketboss"
    elsewhere = Operator(keeper.folder, DATABASE_URL=url)
    assert elsewhere.refusal(command, str(backup)) == "not_a_file"
    said = elsewhere.run(command, str(backup)).stderr
    assert "pg_dump" in said
    assert "pa55word" not in said
