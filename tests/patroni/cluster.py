"""Three machines of a cluster on addresses of loopback, and HAProxy beside TicketBoss."""

import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.patroni.machine import (
    ETCD_PORT,
    PATRONI_PORT,
    POSTGRES_PORT,
    Machine,
    filled,
    hand_over,
    start_unprivileged,
    write_private,
)

HAPROXY_PORT = 5000
# What the certificates of all three machines vouch for, so that HAProxy may lead to any of them.
NAME_OF_ALL = "postgres.ticketboss.example"
ETCD_PEER_PORT = 2380
WAIT_SECONDS_MAX = 120.0
CONNECT_SECONDS_MAX = 2
PAUSE_SECONDS = 0.1
PACKAGES = {
    "/usr/lib/postgresql/15/bin/postgres": "postgresql-15",
    "/usr/bin/patroni": "patroni",
    "/usr/bin/etcd": "etcd-server",
    "/usr/sbin/haproxy": "haproxy",
    "/usr/bin/openssl": "openssl",
}


def missing_packages() -> list[str]:
    """The Debian packages that are not installed here."""
    return [package for program, package in PACKAGES.items() if not Path(program).exists()]


class Cluster:
    """Three machines with etcd, Patroni and PostgreSQL, with all their files in `folder`.

    As a context manager it has a leader and two standbys inside the block, and nothing of it runs
    behind the block.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        network = _free_network()
        self.proxy_address = f"{network}.10"
        addresses = {f"node{number}": f"{network}.1{number}" for number in (1, 2, 3)}
        self.password = secrets.token_hex(16)
        self._superuser_password = secrets.token_hex(16)
        self._restapi_password = secrets.token_hex(16)
        self._values = {
            **{f"ADDRESS_{name[-1]}": address for name, address in addresses.items()},
            "HAPROXY_ADDRESS": self.proxy_address,
            "NETWORK": "127.0.0.0/8",
            "TLS_FOLDER": str(folder / "tls"),
            "WATCHDOG": "off",
            "SUPERUSER_PASSWORD": self._superuser_password,
            "REPLICATION_PASSWORD": secrets.token_hex(16),
            "REWIND_PASSWORD": secrets.token_hex(16),
            "RESTAPI_PASSWORD": self._restapi_password,
        }
        self.machines = [
            Machine(name, address, folder / name, self._values)
            for name, address in addresses.items()
        ]
        self._haproxy: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.destroy()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.destroy()

    @property
    def authority(self) -> Path:
        """The certificate that vouches for the machines."""
        return self.folder / "tls" / "ca.crt"

    def leader(self) -> Machine | None:
        """The machine that takes the writes, if there is one."""
        return next((machine for machine in self.machines if machine.leads()), None)

    def synchronous_standby(self) -> Machine | None:
        """The standby that every commit waits for, and that may take over, if there is one."""
        leader = self.leader()
        standbys = leader.standbys() if leader else {}
        found = (m for m in self.machines if standbys.get(m.name) == "sync")
        return next((machine for machine in found if machine.may_take_over()), None)

    def is_complete(self) -> bool:
        """Whether each machine does its part, so that any of them may fail next."""
        leader = self.leader()
        if leader is None or self.synchronous_standby() is None or len(leader.standbys()) < 2:
            return False
        # One that has still to be rewound follows for a moment on the timeline that it left.
        timelines = {machine.status().get("timeline") for machine in self.machines}
        etcds = [machine.get("/health", ETCD_PORT) for machine in self.machines]
        return len(timelines) == 1 and all(answer and answer.ok for answer in etcds)

    def switch_over(self) -> None:
        """Have the leader and its synchronous standby change places."""
        leader, standby = self.leader(), self.synchronous_standby()
        assert leader is not None
        assert standby is not None
        leader.hand_over_to(standby.name, self._restapi_password)

    def restore(self, machine: Machine) -> None:
        """Start what is missing on a machine, and return when the cluster is complete."""
        machine.start_what_is_missing()
        self.wait_until(self.is_complete, "the cluster did not become complete again")

    def start_haproxy(self) -> None:
        """Start HAProxy, and return when it has found the leader."""
        config = self.folder / "haproxy.cfg"
        write_private(config, filled("haproxy.cfg", self._values))
        with (self.folder / "haproxy.log").open("ab") as log:
            command = ["haproxy", "-db", "-f", str(config)]
            self._haproxy = start_unprivileged(command, self.folder, log, {})
        # For a moment it takes all nodes for leaders, and gives them out in turn.
        connects = [self._takes_connections] * 2 * len(self.machines)
        self.wait_until(lambda: all(each() for each in connects), "HAProxy found no leader")

    def make_database(self) -> None:
        """Make TicketBoss's role and database, as the page says it."""
        leader = self.leader()
        assert leader is not None
        conninfo = f"host={leader.folder} user=postgres dbname=postgres"
        with psycopg.connect(
            conninfo, password=self._superuser_password, autocommit=True
        ) as connection:
            create = sql.SQL("CREATE ROLE ticketboss LOGIN PASSWORD {}")
            connection.execute(create.format(sql.Literal(self.password)))
            connection.execute("CREATE DATABASE ticketboss OWNER ticketboss")

    def url(self, *, through_haproxy: bool) -> str:
        """How TicketBoss connects; the password is in a file."""
        secured = f"sslmode=verify-full&sslrootcert={self.authority}"
        if through_haproxy:
            place = f"{NAME_OF_ALL}:{HAPROXY_PORT}/ticketboss?hostaddr={self.proxy_address}"
        else:
            hosts = ",".join(f"{machine.address}:{POSTGRES_PORT}" for machine in self.machines)
            place = f"{hosts}/ticketboss?target_session_attrs=read-write"
        return f"postgresql://ticketboss@{place}&{secured}"

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Return as soon as the condition holds; fail when it does not come to that."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while not condition():
            if time.monotonic() >= deadline:
                raise AssertionError(f"Waited {WAIT_SECONDS_MAX:g} seconds in vain: {what}.")
            time.sleep(PAUSE_SECONDS)

    def destroy(self) -> None:
        """End all that runs in our folder."""
        for machine in self.machines:
            machine.stop()
        if self._haproxy is not None:
            self._haproxy.kill()
            self._haproxy.wait()

    def _start(self) -> None:
        for machine in self.machines:
            machine.folder.mkdir(mode=0o700)
            hand_over(machine.folder)
        self._make_certificate()
        for machine in self.machines:
            machine.start_etcd()
        first, *others = self.machines
        self.wait_until(lambda: first.get("/health", ETCD_PORT), "etcd gave no answer")
        first.start_patroni()
        self.wait_until(first.leads, "the first PostgreSQL did not start")
        for machine in others:
            machine.start_patroni()
        self.wait_until(self.is_complete, "the standbys did not start")

    def _takes_connections(self) -> bool:
        url = self.url(through_haproxy=True)
        try:
            psycopg.connect(
                url,
                password=self.password,
                connect_timeout=CONNECT_SECONDS_MAX,
                target_session_attrs="read-write",
            ).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_certificate(self) -> None:
        """One certificate for all, which vouches for itself; real machines have each their own."""
        folder = self.folder / "tls"
        folder.mkdir(mode=0o755)
        names = [f"DNS:{NAME_OF_ALL}", *(f"IP:{machine.address}" for machine in self.machines)]
        certificate, key = folder / "server.crt", folder / "server.key"
        request = (
            "openssl req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
        )
        files = ["-keyout", str(key), "-out", str(certificate)]
        subject = ["-subj", "/CN=ticketboss", "-addext", f"subjectAltName={','.join(names)}"]
        subprocess.run([*request.split(), *files, *subject], check=True, capture_output=True)
        shutil.copy(certificate, self.authority)
        hand_over(key)


def _free_network() -> str:
    """The first three numbers of loopback addresses that nobody uses."""
    for _ in range(20):
        network = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}"
        if all(_is_free(f"{network}.{last}") for last in (10, 11, 12, 13)):
            return network
    ports = f"{HAPROXY_PORT}, {POSTGRES_PORT}, {PATRONI_PORT}, {ETCD_PORT} or {ETCD_PEER_PORT}"
    sys.exit(f"Something listens on all addresses with port {ports}; stop it first.")


def _is_free(address: str) -> bool:
    for port in (HAPROXY_PORT, POSTGRES_PORT, PATRONI_PORT, ETCD_PORT, ETCD_PEER_PORT):
        with socket.socket() as probe:
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
