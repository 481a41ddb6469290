"""The servers under load: TicketBoss, the bare hello that is its ceiling, and its peers."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import requests

from benchmarks.load import NO_HEADERS, PARTNER_ID
from tests.server import Server

PEERS = Path(__file__).parent / "peers"
EXPRESS = PEERS / "express"
READ_SECONDS_MAX = 30
UNLIMITED = "1000000/second"
WORKERS = 2


class Contender(Server):
    """A server under load; `settings` are its environment variables."""

    settings: Mapping[str, str | int] = {}

    def __init__(self, folder: Path, **settings: str | int) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder, **{**self.settings, **settings})
        self.headers: Mapping[str, str] = NO_HEADERS

    @classmethod
    def missing(cls) -> str | None:
        """What must be installed before it can be measured, in a sentence; None if nothing."""
        return None

    @property
    def database_path(self) -> Path:
        """The file that its rows are in."""
        return Path(self.environment["DATABASE_URL"].removeprefix("sqlite:///"))

    def create_event(self, event_id: str, seats: int) -> None:
        """Put an event on sale."""
        body = {"eventId": event_id, "name": "Benchmark", "totalSeats": seats}
        answer = requests.post(
            f"{self.url}/events",
            json=body,
            headers=self.operator_headers(),
            timeout=READ_SECONDS_MAX,
        )
        if answer.status_code != requests.codes.created:
            raise RuntimeError(f"No event could be made ({answer.status_code}):\n{answer.text}")

    def event(self, event_id: str) -> dict[str, Any]:
        """The summary of an event."""
        url = f"{self.url}/events/{event_id}"
        answer = requests.get(url, headers=self.headers, timeout=READ_SECONDS_MAX)
        document: dict[str, Any] = answer.json()
        return document

    def operator_headers(self) -> Mapping[str, str]:
        """What a request that makes an event needs."""
        return NO_HEADERS


class Hello(Contender):
    """Flask that answers a constant, under TicketBoss's own gunicorn.conf.py."""

    wsgi_app = "benchmarks.peers.hello:app"


class TicketBoss(Contender):
    """TicketBoss as `make run` has it on one's own machine: without keys."""

    settings: Mapping[str, str | int] = {"TICKETBOSS_AUTH": "open"}


class KeyedTicketBoss(TicketBoss):
    """TicketBoss with everything on: API keys, metrics, and limits that nobody meets."""

    settings: Mapping[str, str | int] = {
        "TICKETBOSS_AUTH": "keys",
        "TICKETBOSS_RATE_LIMIT_WRITES": UNLIMITED,
        "TICKETBOSS_RATE_LIMIT_READS": UNLIMITED,
    }

    def wait_until_ready(self) -> None:
        super().wait_until_ready()
        self.headers = self._key("--partner", PARTNER_ID)
        self._operator_headers = self._key("--operator")

    def operator_headers(self) -> Mapping[str, str]:
        return self._operator_headers

    def _key(self, *whose: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.operate('keys', 'create', *whose)['key']}"}


class Peer(Contender):
    """Another program with the same contract, with its database in its folder."""

    modules: Sequence[str] = ()
    synchronous = "FULL"

    def __init__(self, folder: Path, **settings: str | int) -> None:
        database = str(folder / "peer.db")
        super().__init__(
            folder, DATABASE=database, SYNCHRONOUS=self.synchronous, PYTHONUNBUFFERED=1, **settings
        )

    @property
    def database_path(self) -> Path:
        return Path(self.environment["DATABASE"])

    @classmethod
    def missing(cls) -> str | None:
        absent = [name for name in cls.modules if find_spec(name) is None]
        return f"{absent[0]} is not installed: see requirements-bench.txt" if absent else None


class FlaskPeer(Peer):
    """Plain Flask under gunicorn's threads, with a connection and a transaction a request."""

    def command_line(self) -> list[str]:
        options = ["--config", "/dev/null", "--bind", f"127.0.0.1:{self.port}"]
        options += ["--workers", str(WORKERS), "--threads", "8"]
        return [sys.executable, "-m", "gunicorn", *options, "benchmarks.peers.flask_app:app"]


class FastApiPeer(Peer):
    """FastAPI under uvicorn, with a process for each core, which wait for each other's lock."""

    modules = ("fastapi", "uvicorn")
    processes = WORKERS

    def command_line(self) -> list[str]:
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--no-access-log"]
        options += ["--workers", str(self.processes)]
        return [sys.executable, "-m", "uvicorn", *options, "benchmarks.peers.fastapi_app:app"]


class FastApiNormalPeer(FastApiPeer):
    """The same without a sync at each commit."""

    synchronous = "NORMAL"


class FastApiAlonePeer(FastApiPeer):
    """One process, which waits for nobody's lock."""

    processes = 1


class FastApiNormalAlonePeer(FastApiAlonePeer):
    """The same without a sync at each commit."""

    synchronous = "NORMAL"


class ExpressPeer(Peer):
    """Express and better-sqlite3, with that library's own default."""

    settings: Mapping[str, str | int] = {"NODE_ENV": "production"}
    synchronous = "NORMAL"

    @classmethod
    def missing(cls) -> str | None:
        if shutil.which("node") is None:
            return "Node.js is not installed: apt install nodejs npm"
        if not (EXPRESS / "node_modules").is_dir():
            return "its packages are not installed: `npm ci` in benchmarks/peers/express"
        return None

    def command_line(self) -> list[str]:
        return ["node", str(EXPRESS / "server.js")]


class ExpressFullPeer(ExpressPeer):
    """The same with a sync at each commit."""

    synchronous = "FULL"


class ExpressClusterPeer(ExpressPeer):
    """Two processes that wait for each other's write lock."""

    settings: Mapping[str, str | int] = {**ExpressPeer.settings, "PROCESSES": WORKERS}


# In this order they take their turns, and stand in the tables.
CONTENDERS: dict[str, type[Contender]] = {
    "TicketBoss": KeyedTicketBoss,
    "TicketBoss, no keys": TicketBoss,
    "Express NORMAL": ExpressPeer,
    "Express FULL": ExpressFullPeer,
    "Express NORMAL, cluster": ExpressClusterPeer,
    "FastAPI NORMAL": FastApiNormalPeer,
    "FastAPI FULL": FastApiPeer,
    "FastAPI NORMAL, one process": FastApiNormalAlonePeer,
    "FastAPI FULL, one process": FastApiAlonePeer,
    "Flask FULL": FlaskPeer,
    "hello": Hello,
}


def available(names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Those that can be measured here, and why each of the others cannot."""
    reasons = {name: CONTENDERS[name].missing() for name in names}
    absent = {name: reason for name, reason in reasons.items() if reason is not None}
    return [name for name in names if name not in absent], absent
