"""The units of deploy/systemd, read as systemd reads them, and a server that is run as they say."""

import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

from tests.server import PROJECT, Server

UNITS = PROJECT / "deploy" / "systemd"
PYTHON = "/srv/ticketboss/.venv/bin/python"
DATABASE_URL = "sqlite:////var/lib/ticketboss/ticketboss.db"
SETTINGS_FILE = "/etc/ticketboss/settings.env"
NOTICE_BYTES_MAX = 4_096


class Unit:
    """One file, whose settings may stand several times."""

    def __init__(self, name: str) -> None:
        self.path = UNITS / name
        self._settings: dict[str, list[str]] = {}
        for line in self.path.read_text(encoding="utf-8").splitlines():
            if line and line[0] not in "#[":
                key, _, value = line.partition("=")
                self._settings.setdefault(key, []).append(value)

    def all(self, key: str) -> list[str]:
        """All values of a setting, in their order."""
        return self._settings.get(key, [])

    def one(self, key: str) -> str:
        """The value of a setting that stands once."""
        (value,) = self.all(key)
        return value

    def environment(self) -> dict[str, str]:
        """What its processes are given."""
        return dict(each.split("=", 1) for each in self.all("Environment"))


class Service(Server):
    """A scratch server that is started and reloaded by the unit's own commands.

    Python, the database, the settings file and the port are its own.
    """

    def __init__(self, folder: Path, file_settings: str) -> None:
        self.unit = Unit("ticketboss.service")
        environment: dict[str, str | int] = {**self.unit.environment()}
        assert environment.pop("DATABASE_URL") == DATABASE_URL
        assert environment["TICKETBOSS_ENV_FILE"] == SETTINGS_FILE
        self.settings_file = folder / "settings.env"
        self.settings_file.write_text(file_settings)
        environment["TICKETBOSS_ENV_FILE"] = str(self.settings_file)
        super().__init__(folder, **environment)
        # As systemd listens for what a unit of Type=notify says.
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.settimeout(30.0)
        name = f"ticketboss-notify-{os.getpid()}-{self.port}"
        self._notices.bind(f"\0{name}")
        self.environment["NOTIFY_SOCKET"] = f"@{name}"

    def start(self, *arguments: str) -> None:
        for command in self.unit.all("ExecStartPre"):
            self.run(command)
        super().start(*arguments)

    def command_line(self) -> list[str]:
        return self._words(self.unit.one("ExecStart"))

    def reload(self) -> list[int]:
        """Run the commands of a reload until one fails; gives their statuses."""
        statuses: list[int] = []
        for command in self.unit.all("ExecReload"):
            if not any(statuses):
                statuses.append(self.run(command, check=False))
        return statuses

    def run(self, command: str, check: bool = True) -> int:
        """Run a command of the unit; gives its status."""
        done = subprocess.run(
            self._words(command),
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            check=check,
        )
        return done.returncode

    def wait_for_notice(self) -> str:
        """What it tells systemd next."""
        return self._notices.recv(NOTICE_BYTES_MAX).decode()

    def destroy(self) -> None:
        super().destroy()
        self._notices.close()

    def _words(self, command: str) -> list[str]:
        words = shlex.split(command.replace("$MAINPID", str(self._pid())))
        return [sys.executable if word == PYTHON else word for word in words]

    def _pid(self) -> int:
        return 0 if self._master is None else self._master.pid
