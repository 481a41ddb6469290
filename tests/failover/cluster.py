"""A primary and its synchronous standby, which change places as often as one wishes."""

import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.concurrency.watching import wait_until
from tests.failover.relay import Relay
from tests.postgres import PostgresServer

# The name that the primary knows its standby by, whichever of the two servers it is.
STANDBY = "standby"
SETTINGS: dict[str, str | int] = {
    # What a new standby needs between its base backup and its first connection must still be there.
    "wal_keep_size": "512MB",
    # How soon a standby asks again after its connection was lost.
    "wal_retrieve_retry_interval": "200ms",
}
STANDBY_SECONDS_MAX = 60.0
PORTS_FROM = 20_000
EPHEMERAL_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")

SELECT_STANDBYS = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'"
SELECT_RECEIVER = "SELECT pid FROM pg_stat_wal_receiver"
COUNT_STUCK_COMMITS = """
SELECT count(*) FROM pg_stat_activity
 WHERE wait_event = 'SyncRep' AND clock_timestamp() - query_start > interval '500 ms'
"""


class Cluster:
    """Two PostgreSQL servers on two ports that stay the same; inside the block it is whole."""

    def __init__(self, version: int = 18) -> None:
        self._version = version
        self._ports = (lasting_port(), lasting_port())
        self.primary = self._new_server(self._ports[0])
        self._standby: PostgresServer | None = None
        # What the standby's connection to its primary goes through.
        self._link: Relay | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.push(self.__exit__)
            self.primary.make()
            self.primary.start()
            self.add_standby()
            stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._remove_link()
        for server in (self._standby, self.primary):
            if server is not None:
                server.destroy()

    def url(self, database: str) -> str:
        """How to connect to whichever of the two takes writes."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        return f"postgresql://ticketboss@{hosts}/{database}?target_session_attrs=read-write"

    def new_database(self, name: str) -> str:
        """Make a database; gives its URL."""
        self.primary.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    @property
    def standby(self) -> PostgresServer:
        """The standby that there is at the moment."""
        assert self._standby is not None
        return self._standby

    def add_standby(self) -> None:
        """Make a standby of the primary, and return when every commit waits for it.

        Until then the primary answers without one. After a promotion there is one copy only for
        that long, and what was acknowledged meanwhile would be lost with it. A cluster manager in
        strict mode would rather have acknowledged nothing.
        """
        (port,) = set(self._ports) - {self.primary.port}
        self._link = Relay(self.primary.port).__enter__()
        self._standby = self._new_server(port)
        source = f"host=127.0.0.1 port={self._link.port} user=ticketboss application_name={STANDBY}"
        options = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        self._standby.run("pg_basebackup", "--dbname", source, *options)
        self._standby.start()
        self._wait_for_standby("async")
        self.primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'")
        self.primary.execute("SELECT pg_reload_conf()")
        self._wait_for_standby("sync")
        # It is the checkpointer that has the others wait: behind this it has seen the setting.
        self.primary.execute("CHECKPOINT")

    def promote(self) -> None:
        """Make the standby a primary, and return when it takes writes; the other may be alive."""
        assert self.standby.execute("SELECT pg_promote(true, 60)") == [(True,)]

    def throw_primary_away(self) -> None:
        """Kill the primary if it runs, remove its files, and call the standby the primary."""
        self._remove_link()
        if self.primary.is_running:
            self.primary.kill()
        self.primary.destroy()
        self.primary, self._standby = self.standby, None

    @contextmanager
    def link_cut(self) -> Iterator[None]:
        """Inside the block nothing comes through between the primary and its standby."""
        link = self._link
        assert link is not None
        link.cut()
        try:
            yield
        finally:
            link.mend()

    @contextmanager
    def receiver_stopped(self) -> Iterator[None]:
        """Inside the block the standby's process that receives the log does nothing."""
        ((pid,),) = self.standby.execute(SELECT_RECEIVER)
        assert isinstance(pid, int)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def stuck_commits(self) -> int:
        """How many commits have waited for the standby for longer than one ever should."""
        ((count,),) = self.primary.execute(COUNT_STUCK_COMMITS)
        assert isinstance(count, int)
        return count

    def wait_until_commits_are_stuck(self) -> None:
        """Return when a commit waits for a standby that does not answer."""
        wait_until(lambda: self.stuck_commits() > 0, "no commit waits for the standby")

    def _wait_for_standby(self, state: str) -> None:
        wait_until(
            lambda: self.primary.execute(SELECT_STANDBYS) == [(state,)],
            f"the standby did not become {state}",
            STANDBY_SECONDS_MAX,
        )

    def _new_server(self, port: int) -> PostgresServer:
        server = PostgresServer(self._version, **SETTINGS)
        server.port = port
        return server

    def _remove_link(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


def lasting_port() -> int:
    """A port that stays free while its server is down.

    Outgoing connections get theirs from another range. One of theirs could otherwise take it, and
    a client that tries the dead server again and again would even come to talk to itself.
    """
    ports_until = int(EPHEMERAL_PORTS.read_text().split()[0])
    deadline = time.monotonic() + STANDBY_SECONDS_MAX
    while time.monotonic() < deadline:
        port = random.randrange(PORTS_FROM, ports_until)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("There is no free port.")
