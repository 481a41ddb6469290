"""One of the cluster's machines: etcd, Patroni and the PostgreSQL that Patroni starts."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from string import Template
from typing import Any

import requests

from tests.server import PROJECT

TEMPLATES = PROJECT / "deploy" / "patroni"
ANSWER_SECONDS_MAX = 2.0
SWITCHOVER_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 10.0
PAUSE_SECONDS = 0.05
POSTGRES_PORT, PATRONI_PORT, ETCD_PORT = 5432, 8008, 2379


class Machine:
    """What runs on one machine, with its files in `folder`; every process works in there."""

    def __init__(self, name: str, address: str, folder: Path, values: Mapping[str, str]) -> None:
        """`values` fill the templates, but for what differs from machine to machine."""
        self.name = name
        self.address = address
        self.folder = folder
        self.values = {
            **values,
            "NODE": name,
            "ADDRESS": address,
            "DATA_FOLDER": str(folder / "data"),
            "SOCKET_FOLDER": str(folder),
        }
        self._started: list[subprocess.Popen[bytes]] = []
        self._session = requests.Session()
        # The developer's proxy is not meant for loopback.
        self._session.trust_env = False

    def start_etcd(self) -> None:
        """Start the member of etcd without waiting for it."""
        lines = filled("etcd.env", self.values).splitlines()
        settings = dict(line.split("=", 1) for line in lines if line.startswith("ETCD_"))
        settings["ETCD_DATA_DIR"] = str(self.folder / "etcd")
        self._start(["etcd"], settings)

    def start_patroni(self) -> None:
        """Start Patroni, which starts PostgreSQL, without waiting for either."""
        config = self.folder / "patroni.yml"
        write_private(config, filled("patroni.yml", self.values))
        self._start(["patroni", str(config)], {})

    def get(self, path: str, port: int = PATRONI_PORT) -> requests.Response | None:
        """What Patroni, or etcd, answers; None if nobody does."""
        url = f"http://{self.address}:{port}{path}"
        with suppress(requests.RequestException):
            return self._session.get(url, timeout=ANSWER_SECONDS_MAX)
        return None

    def leads(self) -> bool:
        """Whether it is the one to write to, by the endpoint that HAProxy asks."""
        answer = self.get("/primary")
        return answer is not None and answer.status_code == 200

    def may_take_over(self) -> bool:
        """Whether Patroni knows it for a standby that has all that was ever acknowledged."""
        answer = self.get("/synchronous")
        return answer is not None and answer.status_code == 200

    def status(self) -> dict[str, Any]:
        """What Patroni tells of its PostgreSQL; empty when it does not answer."""
        answer = self.get("/patroni")
        return dict(answer.json()) if answer else {}

    def standbys(self) -> dict[str, str]:
        """Those who stream from this machine, `sync` or `async`, by name."""
        connected = self.status().get("replication", [])
        return {
            each["application_name"]: each["sync_state"]
            for each in connected
            if each["state"] == "streaming"
        }

    def hand_over_to(self, candidate: str, password: str) -> None:
        """Make another node the leader in an orderly way, as `patronictl switchover` does."""
        answer = self._session.post(
            f"http://{self.address}:{PATRONI_PORT}/switchover",
            json={"leader": self.name, "candidate": candidate},
            auth=("patroni", password),
            timeout=SWITCHOVER_SECONDS_MAX,
        )
        assert answer.ok, answer.text

    def kill(self, *programs: str) -> None:
        """End these programs as a power cut does, all at once; all that runs if none is named."""
        stopped = self.freeze(*programs)
        _send_all(stopped, signal.SIGKILL)
        for process in self._started:
            if process.pid in stopped:
                process.wait()

    def freeze(self, *programs: str) -> set[int]:
        """Stop these programs, all that runs if none is named; gives the process ids."""
        stopped: set[int] = set()
        # Until nothing is left that could start another process, or still answer.
        while found := self.processes(*programs) - stopped:
            _send_all(found, signal.SIGSTOP)
            stopped |= found
        return stopped

    def start_what_is_missing(self) -> None:
        """As its boot would do after a power cut; what was frozen goes on."""
        _send_all(self.processes(), signal.SIGCONT)
        if not self.processes("etcd"):
            self.start_etcd()
        if not self.processes("patroni"):
            self.start_patroni()

    def stop(self) -> None:
        """End all that runs; PostgreSQL gives its shared memory back before it goes."""
        self.kill("etcd", "patroni")
        deadline = time.monotonic() + STOP_SECONDS_MAX
        for number in (signal.SIGQUIT, signal.SIGCONT):
            _send_all(self.processes("postgres"), number)
        while self.processes() and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
        self.kill()

    def processes(self, *programs: str) -> set[int]:
        """Those that work in our folder: PostgreSQL does not stay a child of Patroni's."""
        found = set()
        for entry in Path("/proc").iterdir():
            # It may end while we look.
            with suppress(OSError):
                if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(self.folder):
                    name = (entry / "comm").read_text().strip()
                    if not programs or name in programs:
                        found.add(int(entry.name))
        return found

    def _start(self, command: Sequence[str], settings: Mapping[str, str]) -> None:
        with (self.folder / f"{command[0]}.log").open("ab") as log:
            self._started.append(start_unprivileged(command, self.folder, log, settings))


def filled(template: str, values: Mapping[str, str]) -> str:
    """One of the files in deploy/patroni with its gaps filled."""
    return Template((TEMPLATES / template).read_text()).substitute(values)


def hand_over(path: Path) -> None:
    """Make a file or folder that of whoever runs everything: Debian's postgres for root."""
    if os.geteuid() == 0:
        postgres = pwd.getpwnam("postgres")
        os.chown(path, postgres.pw_uid, postgres.pw_gid)


def write_private(path: Path, text: str) -> None:
    """Write a file that only whoever runs everything can read."""
    path.touch(mode=0o600)
    path.write_text(text)
    hand_over(path)


def start_unprivileged(
    command: Sequence[str], folder: Path, log: Any, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a program that works in `folder` and has no right to anything else."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
    postgres = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment | dict(settings),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        user=postgres and postgres.pw_uid,
        group=postgres and postgres.pw_gid,
        extra_groups=[] if postgres else None,
    )


def _send_all(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
