"""`copy` on the command line: what it says, and how it ends."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.database import repository_at
from tests.ports import free_port
from tests.sqlite_file import SqliteFile
from tests.unit.examples import create_event, reserve
from tests.unit.operating import Operator
from ticketboss.engine import copying
from ticketboss.repository.sql.transfer import SqlTransfer
from ticketboss.repository.transfer import Row, Table

PATIENCE_SECONDS = 30.0
COUNTS = {
    "events": 1,
    "reservations": 1,
    "ledger": 2,
    "partner_seats": 1,
    "partners": 0,
    "api_keys": 0,
    "admin_log": 0,
}
WRONG_URLS = {
    "nothing": "",
    "a path": "ticketboss.db",
    "another kind of database": "mysql://name:pa55word@127.0.0.1/ticketboss",
    "a folder": "sqlite:///.",
    "no port": "postgresql://name:pa55word@127.0.0.1:many/ticketboss",
    "an @ in the password": "postgresql://name:the@pa55word@127.0.0.1/ticketboss",
    "a slash in the password": "postgresql://name:55/pa55word@127.0.0.1/ticketboss",
}


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """A database with one reservation."""
    operator = Operator(tmp_path)
    operator.run("migrate")
    operator.sell(create_event(), reserve(2))
    return operator


@pytest.fixture
def target(tmp_path: Path) -> SqliteFile:
    """A file that does not exist, and neither does its folder."""
    return SqliteFile(f"sqlite:///{tmp_path / 'folder' / 'target.db'}")


@pytest.fixture
def copy(operator: Operator, target: SqliteFile) -> tuple[str, ...]:
    """The command that copies one to the other."""
    return ("copy", "--from", operator.database.url, "--to", target.url)


def test_people_are_told_what_was_copied(
    operator: Operator, target: SqliteFile, copy: tuple[str, ...]
) -> None:
    *lines, verdict = operator.lines(*copy)
    assert [tuple(line.split()) for line in lines] == [
        (table, str(count), "rows") for table, count in COUNTS.items()
    ]
    assert verdict == "Copied; both sides are equal, and their ledgers replay clean."
    assert target.rows("SELECT available_seats FROM events") == [(498,)]


def test_programs_are_told_the_same(operator: Operator, copy: tuple[str, ...]) -> None:
    tables = [{"name": table, "rows": count} for table, count in COUNTS.items()]
    assert operator.document(*copy) == {"tables": tables, "differences": []}


def test_a_second_copy_meets_a_target_that_is_not_empty(
    operator: Operator, copy: tuple[str, ...]
) -> None:
    operator.run(*copy)
    assert operator.refusal(*copy) == "target_not_empty"


def test_the_settings_are_not_asked(tmp_path: Path, copy: tuple[str, ...]) -> None:
    elsewhere = Operator(tmp_path / "nowhere", DATABASE_URL="mysql://", PORT="none")
    assert elsewhere.run(*copy).exit_code == 0
    assert elsewhere.run("settings").exit_code == 1


def test_differences_are_listed_and_nothing_is_kept(
    operator: Operator, target: SqliteFile, copy: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(transfer: SqlTransfer, table: Table, rows: Sequence[Row]) -> None:
        if table.name != "reservations":
            load(transfer, table, rows)

    load = SqlTransfer.load
    monkeypatch.setattr(SqlTransfer, "load", lose)
    done = operator.run(*copy)
    assert (done.exit_code, done.stderr) == (1, "")
    first, *lines = done.stdout.splitlines()
    assert first == "Nothing was copied:"
    assert "  reservations has 1 rows in the source and 0 in the target" in lines
    as_json = operator.run(*copy, "--json")
    assert as_json.exit_code == 1
    assert [line.removeprefix("  ") for line in lines] == json.loads(as_json.stdout)["differences"]
    assert target.rows("SELECT * FROM events") == []


def test_ctrl_c_is_no_traceback(
    operator: Operator, target: SqliteFile, copy: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SqlTransfer, "load", interrupt)
    done = operator.run(*copy)
    assert (done.exit_code, done.stdout, done.stderr.strip()) == (1, "", "Aborted!")
    assert target.rows("SELECT * FROM events") == []


@pytest.mark.parametrize("url", WRONG_URLS.values(), ids=WRONG_URLS.keys())
@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_wrong_url_is_not_repeated_but_explained(
    operator: Operator, option: str, url: str
) -> None:
    urls = {"--from": operator.database.url, "--to": operator.database.url, option: url}
    said = operator.usage_error("copy", *(part for pair in urls.items() for part in pair))
    assert f"Invalid value for '{option}': must " in said
    assert "55" not in said


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_both_databases_must_be_named(operator: Operator, option: str) -> None:
    said = operator.usage_error("copy", option, operator.database.url)
    assert "Missing option" in said


def test_the_same_database_twice_is_a_mistake(operator: Operator) -> None:
    url = operator.database.url
    assert "the same database" in operator.usage_error("copy", "--from", url, "--to", url)


def test_one_file_by_two_names_is_one_database(tmp_path: Path, operator: Operator) -> None:
    (tmp_path / "folder").mkdir()
    names = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/folder/../a.db"
    said = operator.usage_error("copy", "--from", names[0], "--to", names[1])
    assert "the same database" in said


def test_a_source_that_does_not_exist_is_not_made(
    tmp_path: Path, operator: Operator, target: SqliteFile
) -> None:
    missing = tmp_path / "missing.db"
    copy = ("copy", "--from", f"sqlite:///{missing}", "--to", target.url)
    assert operator.refusal(*copy) == "storage_unavailable"
    assert f"The source: there is no file {missing}." in operator.run(*copy).stderr
    assert not missing.exists()
    assert not target.is_made()


def test_a_source_that_was_not_migrated_is_refused_with_the_remedy(
    tmp_path: Path, operator: Operator, target: SqliteFile
) -> None:
    (tmp_path / "new.db").touch()
    copy = ("copy", "--from", f"sqlite:///{tmp_path / 'new.db'}", "--to", target.url)
    assert operator.refusal(*copy) == "schema_mismatch"
    assert "The source: The database has schema 0" in operator.run(*copy).stderr


def test_a_server_that_cannot_be_reached_is_named_without_its_password(operator: Operator) -> None:
    nobody = f"postgresql://name:pa55word@127.0.0.1:{free_port()}/ticketboss"
    for option, other, side in (("--from", "--to", "source"), ("--to", "--from", "target")):
        copy = ("copy", option, nobody, other, operator.database.url)
        assert operator.refusal(*copy) == "storage_unavailable"
        said = operator.run(*copy).stderr
        assert f"The {side}: connection failed" in said
        assert "pa55word" not in said


def test_a_writer_that_does_not_let_go_is_told_of(
    operator: Operator, target: SqliteFile, copy: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "LOCK_WAIT_SECONDS_MAX", 0.2)
    with repository_at(operator.database.url).transfer(time.monotonic() + PATIENCE_SECONDS):
        assert operator.refusal(*copy) == "source_locked"
    assert not target.is_made()
