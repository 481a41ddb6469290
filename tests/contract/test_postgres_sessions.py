"""What PostgreSQL's sessions insist on, whatever the server and the URL say."""

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.concurrency.watching import wait_until
from tests.contract.backends import plan, within, write
from tests.contract.process import started
from tests.postgres import PostgresServer
from tests.unit.examples import EVENT_ID, create_event, reserve
from ticketboss.repository import open_repository
from ticketboss.repository.interface import Conflict, LockTimeout
from ticketboss.repository.postgres.connection import (
    CONNECTIONS_MAX,
    TRANSACTION_SECONDS_MAX,
    WRITING_CONNECTIONS_MAX,
    PostgresConnections,
)
from ticketboss.repository.postgres.repository import PostgresRepository
from ticketboss.repository.postgres.session import (
    IDLE_IN_TRANSACTION_SECONDS_MAX,
    UNACKNOWLEDGED_SECONDS_MAX,
)

BACKEND = "postgres-18"
WAIT_SECONDS = 0.3
LATE_SECONDS_MAX = 3.0


@pytest.fixture(scope="module")
def careless() -> Iterator[PostgresServer]:
    """A server whose defaults are all wrong for us."""
    with PostgresServer(
        default_transaction_isolation="serializable",
        synchronous_commit="off",
        client_encoding="latin1",
    ) as server:
        yield server


@pytest.fixture
def connections(careless: PostgresServer) -> Iterator[PostgresConnections]:
    found = PostgresConnections(careless.url())
    yield found
    found.close()


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[PostgresRepository]:
    """On the run's server, so that another process finds it."""
    repository = PostgresRepository(postgres.url_for(tmp_path))
    repository.migrate()
    write(repository, create_event(500))
    yield repository
    repository.close()


def test_every_transaction_says_its_isolation_itself(connections: PostgresConnections) -> None:
    show = "SELECT current_setting('transaction_isolation')"
    assert connections.fetch(show, {}) == [("read committed",)]
    with connections.reading() as session:
        assert session.execute(show).fetchall() == [("repeatable read",)]
        read_only = session.execute("SELECT current_setting('transaction_read_only')")
        assert read_only.fetchall() == [("on",)]
    with connections.writing(within()) as session:
        assert session.execute(show).fetchall() == [("read committed",)]


def test_a_commit_is_on_the_disk_when_it_is_answered(connections: PostgresConnections) -> None:
    assert _setting(connections, "synchronous_commit") == "on"


def test_texts_are_those_that_were_given(connections: PostgresConnections) -> None:
    text = "Größe 42 €"
    assert connections.fetch("SELECT CAST(:text AS text)", {"text": text}) == [(text,)]
    assert _setting(connections, "client_encoding") == "UTF8"


@pytest.mark.parametrize("dark_hosts", [1, 2])
def test_hosts_that_do_not_answer_are_passed_over(
    careless: PostgresServer, dark_hosts: int
) -> None:
    with ExitStack() as stack:
        hosts = []
        for _ in range(dark_hosts):
            # It takes connections, and says nothing.
            dark = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            hosts.append(f"127.0.0.1:{dark.getsockname()[1]}")
        hosts.append(f"127.0.0.1:{careless.port}")
        connections = PostgresConnections(f"postgresql://ticketboss@{','.join(hosts)}/postgres")
        stack.callback(connections.close)
        assert connections.fetch("SELECT 1", {}) == [(1,)]


def test_an_operator_may_ask_for_more_than_that(careless: PostgresServer) -> None:
    url = f"{careless.url()}?options=-csynchronous_commit%3Dremote_apply"
    connections = PostgresConnections(url)
    assert _setting(connections, "synchronous_commit") == "remote_apply"
    connections.close()


def test_whoever_stops_inside_a_transaction_loses_it(connections: PostgresConnections) -> None:
    wanted = f"{IDLE_IN_TRANSACTION_SECONDS_MAX}s"
    assert _setting(connections, "idle_in_transaction_session_timeout") == wanted


def test_no_transaction_lasts_for_ever(connections: PostgresConnections) -> None:
    assert _setting(connections, "transaction_timeout") == f"{TRANSACTION_SECONDS_MAX}s"


def test_both_ends_notice_that_the_other_machine_is_gone(
    connections: PostgresConnections,
) -> None:
    milliseconds = UNACKNOWLEDGED_SECONDS_MAX * 1000
    assert _setting(connections, "tcp_user_timeout") == f"{milliseconds}"
    with connections.reading() as session:
        ours = socket.socket(fileno=os.dup(session.fileno()))
        with ours:
            option = ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            alive = ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert option == milliseconds
    assert alive == 1


def test_the_wait_for_a_row_ends_with_the_command(connections: PostgresConnections) -> None:
    with connections.writing(within(2.0)) as session:
        shown = session.execute("SELECT setting FROM pg_settings WHERE name = 'lock_timeout'")
        ((milliseconds,),) = shown.fetchall()
    assert 1_000 < int(milliseconds) <= 2_000
    # Only of that transaction.
    assert _setting(connections, "lock_timeout") == "0"


def test_a_stopped_writer_holds_up_nobody_for_long(
    repository: PostgresRepository, tmp_path: Path
) -> None:
    changes = plan(repository, reserve(1, "late"))
    with started(BACKEND, tmp_path, "hold") as holder:
        os.kill(holder.pid, signal.SIGSTOP)
        begun = time.monotonic()
        with pytest.raises(LockTimeout):
            repository.commit(changes, within(WAIT_SECONDS))
        assert time.monotonic() - begun < WAIT_SECONDS + LATE_SECONDS_MAX
        # Its server takes the transaction back by itself, and the row is free.
        repository.commit(changes, within(IDLE_IN_TRANSACTION_SECONDS_MAX + LATE_SECONDS_MAX))
    assert [entry.reservation_id for entry in repository.ledger(EVENT_ID, 0, 10)] == ["late"]


def test_a_server_process_that_is_stopped_holds_up_its_waiters_until_their_deadline(
    repository: PostgresRepository,
) -> None:
    changes = plan(repository, reserve(1, "late"))
    with psycopg.connect(repository._connections.conninfo) as stopped:
        stopped.execute("SELECT * FROM events FOR UPDATE")
        os.kill(stopped.info.backend_pid, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            with pytest.raises(LockTimeout):
                repository.commit(changes, within(WAIT_SECONDS))
            assert time.monotonic() - begun < WAIT_SECONDS + LATE_SECONDS_MAX
            assert repository.event(EVENT_ID) is not None
        finally:
            os.kill(stopped.info.backend_pid, signal.SIGCONT)
    repository.commit(changes, within())


def test_writes_that_wait_leave_connections_to_the_reads(
    repository: PostgresRepository,
) -> None:
    changes = plan(repository, reserve(1, "late"))
    connections = repository._connections
    with (
        psycopg.connect(connections.conninfo) as holder,
        psycopg.connect(connections.conninfo, autocommit=True) as watcher,
        ThreadPoolExecutor() as writers,
    ):
        holder.execute("SELECT * FROM events FOR UPDATE")
        waiting = [
            writers.submit(repository.commit, changes, within(WAIT_SECONDS + LATE_SECONDS_MAX))
            for _ in range(WRITING_CONNECTIONS_MAX + 1)
        ]
        wait_until(lambda: _waiting_for_a_row(watcher) == WRITING_CONNECTIONS_MAX, "too few wait")
        begun = time.monotonic()
        with ExitStack() as lent:
            for _ in range(CONNECTIONS_MAX - WRITING_CONNECTIONS_MAX):
                lent.enter_context(connections.reading())
        # One write more does not even get a connection, and is told so in time.
        with pytest.raises(LockTimeout):
            repository.commit(changes, within(WAIT_SECONDS))
        assert time.monotonic() - begun < WAIT_SECONDS + LATE_SECONDS_MAX
        assert _waiting_for_a_row(watcher) == WRITING_CONNECTIONS_MAX
        holder.rollback()
        failures = [type(done.exception()) for done in waiting]
    assert Counter(failures) == {Conflict: WRITING_CONNECTIONS_MAX, type(None): 1}


def _waiting_for_a_row(watcher: psycopg.Connection) -> int:
    counted = watcher.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    ).fetchone()
    assert counted is not None
    return int(counted[0])


def test_our_own_server_process_may_stop_and_we_do_not(repository: PostgresRepository) -> None:
    with repository._connections.reading() as session:
        own = session.info.backend_pid
    os.kill(own, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        with pytest.raises(LockTimeout):
            repository.snapshot(EVENT_ID, [], within(WAIT_SECONDS))
        assert time.monotonic() - begun < WAIT_SECONDS + LATE_SECONDS_MAX
        # Others of the pool are as good as before.
        assert repository.event(EVENT_ID) is not None
    finally:
        os.kill(own, signal.SIGCONT)


def test_sessions_are_those_of_the_process_that_uses_them(tmp_path: Path) -> None:
    repository = open_repository(postgres.url_for(tmp_path))
    assert isinstance(repository, PostgresRepository)
    # Nothing was opened: a fork at this point takes no socket with it.
    assert repository._connections._opened is None
    repository.close()


def _setting(connections: PostgresConnections, name: str) -> str:
    value: str = connections.fetch("SELECT current_setting(:name)", {"name": name})[0][0]
    return value
