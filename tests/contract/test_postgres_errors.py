"""What PostgreSQL's errors are taken for, on a real server that gives them."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.contract.backends import plan, within, write
from tests.contract.partners import line
from tests.postgres import PostgresServer
from tests.unit.examples import EVENT_ID, create_event, reserve
from ticketboss.domain.access import Partner
from ticketboss.repository import open_repository
from ticketboss.repository.interface import (
    Conflict,
    LockTimeout,
    OutcomeUnknown,
    StorageUnavailable,
)
from ticketboss.repository.postgres.repository import PostgresRepository

PASSWORD = "not-for-your-eyes"  # noqa: S105 - opens nothing
# Raised when the ledger is written, or at COMMIT when the trigger is deferred until then.
FAIL = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{code}'; END $$;
CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON ledger {deferred}
FOR EACH ROW EXECUTE FUNCTION fail();
"""
AT_ONCE, AT_COMMIT = "", "DEFERRABLE INITIALLY DEFERRED"


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[PostgresRepository]:
    repository = PostgresRepository(postgres.url_for(tmp_path))
    repository.migrate()
    write(repository, create_event(500))
    yield repository
    repository.close()


def _plant(repository: PostgresRepository, code: str, deferred: str = AT_ONCE) -> None:
    with psycopg.connect(repository._connections.conninfo, autocommit=True) as connection:
        connection.execute(FAIL.format(code=code, deferred=deferred).encode())


@pytest.mark.parametrize("deferred", [AT_ONCE, AT_COMMIT], ids=["in a statement", "at COMMIT"])
@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_transaction_that_was_in_the_way_of_another_is_a_conflict(
    repository: PostgresRepository, code: str, deferred: str
) -> None:
    changes = plan(repository, reserve(1, "r1"))
    _plant(repository, code, deferred)
    with pytest.raises(Conflict):
        repository.commit(changes, within())
    assert repository.ledger(EVENT_ID, 0, 10) == []


@pytest.mark.parametrize("code", ["40003", "57P01", "53100", "XX000"])
def test_any_other_error_at_commit_is_an_unknown_outcome(
    repository: PostgresRepository, code: str
) -> None:
    changes = plan(repository, reserve(1, "r1"))
    _plant(repository, code, AT_COMMIT)
    with pytest.raises(OutcomeUnknown):
        repository.commit(changes, within())


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("55P03", LockTimeout),
        ("57P01", StorageUnavailable),
        ("53100", StorageUnavailable),
        ("25006", StorageUnavailable),
        ("42501", StorageUnavailable),
        ("23514", psycopg.errors.CheckViolation),
        ("42703", psycopg.errors.UndefinedColumn),
    ],
    ids=["lock", "shutdown", "disk full", "read only", "not allowed", "a bug", "another bug"],
)
def test_an_error_before_commit_means_that_nothing_was_written(
    repository: PostgresRepository, code: str, meant: type[Exception]
) -> None:
    changes = plan(repository, reserve(1, "r1"))
    _plant(repository, code)
    with pytest.raises(meant):
        repository.commit(changes, within())
    assert repository.ledger(EVENT_ID, 0, 10) == []
    assert repository.totals(EVENT_ID) == (repository.event(EVENT_ID), {})


def test_a_lock_on_another_table_is_waited_for_no_longer_than_the_events(
    repository: PostgresRepository,
) -> None:
    changes = plan(repository, reserve(1, "r1"))
    with psycopg.connect(repository._connections.conninfo) as rival:
        rival.execute("LOCK TABLE ledger IN EXCLUSIVE MODE")
        with pytest.raises(LockTimeout):
            repository.commit(changes, within(0.3))


def test_somebody_elses_table_in_the_place_of_ours_is_named(tmp_path: Path) -> None:
    repository = PostgresRepository(postgres.url_for(tmp_path))
    with psycopg.connect(repository._connections.conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE events (theirs integer)")
    with pytest.raises(StorageUnavailable, match='relation "events" already exists'):
        repository.migrate()


def test_a_standby_takes_no_writes_and_says_so(tmp_path: Path) -> None:
    url = postgres.url_for(tmp_path)
    PostgresRepository(url).migrate()
    read_only = PostgresRepository(
        f"{url}%20-cdefault_transaction_read_only%3Don&target_session_attrs=any"
    )
    with pytest.raises(StorageUnavailable, match="takes no writes"):
        read_only.check()


def test_a_database_that_cannot_hold_every_text_is_refused() -> None:
    name = "ascii_only"
    with psycopg.connect(postgres.shared_url(18), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        connection.execute(
            f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0".encode()
        )
    repository = PostgresRepository(postgres.shared_url(18).replace("/postgres", f"/{name}"))
    with pytest.raises(StorageUnavailable, match="encoding is SQL_ASCII"):
        repository.check()


@pytest.mark.parametrize("use", ["check", "migrate"])
def test_who_cannot_connect_is_told_why_and_no_password(use: str) -> None:
    repository = PostgresRepository(f"postgresql://someone:{PASSWORD}@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailable, match="Connection refused") as raised:
        getattr(repository, use)()
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://someone:{PASSWORD}@127.0.0.1:port/none",
        f"postgresql://someone:{PASSWORD}@127.0.0.1/none?no_such_option=1",
        f"postgresql://someone:{PASSWORD}@[::1/none",
    ],
)
def test_a_url_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="must look like postgresql://") as raised:
        open_repository(url)
    assert PASSWORD not in str(raised.value)


def test_without_psycopg_the_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticketboss.repository.find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"requirements-postgres\.txt"):
        open_repository("postgresql://127.0.0.1/none")


def test_a_server_that_comes_back_is_used_again_without_a_restart_of_ours() -> None:
    with PostgresServer() as server:
        repository = PostgresRepository(server.url())
        repository.migrate()
        write(repository, create_event(500))
        server.kill()
        with pytest.raises(StorageUnavailable):
            repository.event(EVENT_ID)
        server.start()
        assert repository.event(EVENT_ID) is not None
        write(repository, reserve(1, "r1"))
        repository.close()


def test_of_several_hosts_the_one_that_takes_writes_is_used(tmp_path: Path) -> None:
    url = postgres.url_for(tmp_path).replace("@", "@127.0.0.1:1,")
    repository = PostgresRepository(url)
    repository.migrate()
    repository.check()
    assert write(repository, create_event(500)).event.version == 0
    repository.close()


def test_the_time_is_the_databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = PostgresRepository(postgres.url_for(tmp_path))
    with psycopg.connect(repository._connections.conninfo) as connection:
        ((before,),) = connection.execute(
            "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
        ).fetchall()
    # Our own clock is years off.
    monkeypatch.setattr("time.time", lambda: 0.0)
    monkeypatch.setattr("time.time_ns", lambda: 0)
    repository.migrate()
    assert 0 <= repository.now() - before < 60_000
    assert 0 <= repository.snapshot(EVENT_ID, []).now - before < 60_000
    repository.close()


def test_risks_that_the_server_takes_are_told() -> None:
    with PostgresServer(fsync="off", full_page_writes="off") as server:
        repository = PostgresRepository(server.url())
        assert [warning.split(" = ")[0] for warning in repository.warnings()] == [
            "PostgreSQL runs with fsync",
            "PostgreSQL runs with full_page_writes",
        ]
        repository.close()


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_change_of_keys_that_was_in_the_way_of_another_is_unavailable(
    repository: PostgresRepository, code: str
) -> None:
    with psycopg.connect(repository._connections.conninfo, autocommit=True) as connection:
        planted = FAIL.format(code=code, deferred=AT_ONCE).replace("ledger", "admin_log")
        connection.execute(planted.encode())
    with pytest.raises(StorageUnavailable):
        repository.access.set_frozen(
            Partner("abc", "ABC", frozen=True, release_holds=False), line()
        )
    assert repository.access.partner("abc") is None
