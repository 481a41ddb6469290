"""Everything that a server tells of itself, to be searched for what must not be in it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.server import Server
from ticketboss.domain.api_keys import SHOWN_LENGTH

# Those for people are made of what is printed as JSON, and these two hide something of that.
COMMANDS = (
    *(("settings",), ("settings", "--json"), ("keys", "list"), ("keys", "list", "--json")),
    *(("partners", "list", "--json"), ("admin-log", "--json"), ("verify", "--json")),
    *(("events", "list", "--json"), ("events", "show", "node-meetup-2025", "--json")),
)
# So much of a secret is enough to find a leak that was cut, and chance does not bring it about.
STRETCH_LENGTH = 8
READS = (
    *("/", "/metrics", "/keys", "/partners", "/admin-log", "/events", "/openapi.json", "/readyz"),
    *("/events/node-meetup-2025/reservations", "/events/node-meetup-2025/reservations.csv"),
    *("/events/node-meetup-2025/ledger", "/events/node-meetup-2025/audit"),
)


def stretches(secret: str) -> frozenset[str]:
    """All short stretches of a secret in lower case; of API keys what may be shown is none."""
    hidden = secret[SHOWN_LENGTH:] if secret.startswith("tb_") else secret
    starts = range(len(hidden) - STRETCH_LENGTH + 1)
    return frozenset(hidden[start : start + STRETCH_LENGTH].lower() for start in starts)


@dataclass
class Heard:
    """What a server has told, by where it was told."""

    secrets: Mapping[str, str]
    leaks: set[str] = field(default_factory=set)
    count: int = 0

    def __post_init__(self) -> None:
        self._stretches = {name: stretches(secret) for name, secret in self.secrets.items()}

    def hear(self, where: str, text: str | bytes) -> None:
        """Search one text, in which a secret may also be cut, or have letters of another case."""
        self.count += 1
        told = (text.decode("latin-1") if isinstance(text, bytes) else text).lower()
        for name, hidden in self._stretches.items():
            if any(stretch in told for stretch in hidden):
                self.leaks.add(f"{name} in {where}")

    def hear_answer(self, where: str, answer: requests.Response) -> None:
        """Search an answer with its headers."""
        self.hear(where, f"{answer.status_code} {answer.reason} {dict(answer.headers)}")
        self.hear(where, answer.content)

    def hear_reads(self, server: Server, operators_key: str) -> None:
        """Search all that the server can be asked for."""
        for path in READS:
            answer = requests.get(
                server.url + path, headers={"Authorization": f"Bearer {operators_key}"}, timeout=30
            )
            assert answer.status_code == 200, (path, answer.text)
            self.hear_answer(f"GET {path}", answer)

    def hear_command(self, server: Server, *arguments: str) -> None:
        """Search what an operator command prints."""
        done = server.command(*arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        self.hear(" ".join(arguments), done.stdout + done.stderr)

    def hear_log(self, server: Server) -> None:
        """Search the log, which must be whole."""
        self.hear("the log", server.log())
        for line in server.log().splitlines():
            assert isinstance(json.loads(line), dict), line

    def hear_files(self, paths: Iterable[Path]) -> None:
        """Search files, as they are on the disk."""
        for path in paths:
            self.hear(f"the file {path.name}", path.read_bytes())
