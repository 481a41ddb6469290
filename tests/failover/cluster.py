"""A primary and its synchronous standby, which change places as often as one wishes."""

import random
import signal
import socket
import time
from contextlib import ExitStack
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
PORTS_FROM = 20_000
EPHEMERAL_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")

SELECT_STANDBYS = f"""
SELECT sync_state FROM pg_stat_replication
 WHERE application_name = '{STANDBY}' AND state = 'streaming'
"""  # noqa: S608 - a constant
COUNT_STUCK_COMMITS = """
SELECT count(*) FROM pg_stat_activity
 WHERE wait_event = 'SyncRep' AND clock_timestamp() - query_start > interval '500 ms'
"""


class Cluster:
    """Two PostgreSQL servers on two ports that stay the same; inside the block it is whole."""

    def __init__(self, version: int = 18) -> None:
        self.version = version
        self._ports = [lasting_port(), lasting_port()]
        self.primary = self._new_server(self._ports[0])
        self.standby: PostgresServer | None = None
        # What the standby's connection to its primary goes through.
        self.link: Relay | None = None

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
        for server in (self.standby, self.primary):
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

    def freeze_primary(self) -> None:
        """Stop every process of the primary: it takes connections, and never answers."""
        self.primary.signal_all(signal.SIGSTOP)

    def promote(self) -> None:
        """Make the standby a primary, and return when it takes writes; the other may be alive."""
        assert self.standby is not None
        ((done,),) = self.standby.execute("SELECT pg_promote(true, 60)")
        assert done, self.standby.log()

    def throw_primary_away(self) -> None:
        """Kill the primary if it runs, remove its files, and call the standby the primary."""
        assert self.standby is not None
        self._remove_link()
        self.primary.destroy()
        self.primary, self.standby = self.standby, None

    def add_standby(self) -> None:
        """Make a standby of the primary, and return when every commit waits for it.

        Until then the primary answers without one. After a promotion there is one copy only for
        that long, and what was acknowledged meanwhile would be lost with it. A cluster manager in
        strict mode would rather have acknowledged nothing.
        """
        (port,) = set(self._ports) - {self.primary.port}
        self.link = Relay(self.primary.port).__enter__()
        self.standby = self._new_server(port)
        source = f"host=127.0.0.1 port={self.link.port} user=ticketboss application_name={STANDBY}"
        self.standby.run(
            "pg_basebackup",
            *("--dbname", source, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"),
        )
        self.standby.start()
        self._wait_for_standby("async")
        self.primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'")
        self.primary.execute("SELECT pg_reload_conf()")
        self._wait_for_standby("sync")
        # The checkpointer is the process that has the others wait: it has seen the setting now.
        self.primary.execute("CHECKPOINT")

    def wait_until_commits_are_stuck(self) -> None:
        """Return when a commit has waited for the standby for longer than one ever should."""
        wait_until(lambda: self.stuck_commits() > 0, "no commit waits for the standby")

    def stuck_commits(self) -> int:
        """How many commits have waited for the standby for so long."""
        ((count,),) = self.primary.execute(COUNT_STUCK_COMMITS)
        assert isinstance(count, int)
        return count

    def _wait_for_standby(self, state: str) -> None:
        wait_until(
            lambda: self.primary.execute(SELECT_STANDBYS) == [(state,)],
            f"the standby did not become {state}",
            seconds_max=60,
        )

    def _new_server(self, port: int) -> PostgresServer:
        server = PostgresServer(self.version, **SETTINGS)
        server.port = port
        return server

    def _remove_link(self) -> None:
        if self.link is not None:
            self.link.close()
            self.link = None


def lasting_port() -> int:
    """A port that stays free while its server is down.

    Outgoing connections get theirs from another range. One of theirs could otherwise take it, and
    a client that tries the dead server again and again would even come to talk to itself.
    """
    ports_until = int(EPHEMERAL_PORTS.read_text().split()[0])
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        port = random.randrange(PORTS_FROM, ports_until)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("There is no free port.")
