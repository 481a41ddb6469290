"""A sale on a real server: its event and keys, its clients, and how it is read at the end."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.concurrency.clients import Client
from tests.concurrency.watching import wait_until
from tests.faults.history.clients import ENDING, OVER, Crew
from tests.faults.history.record import Document, Ending, History, read_operations
from tests.faults.history.wire import Identity
from tests.server import PROJECT, Server
from ticketboss.domain.access import Caller
from ticketboss.domain.commands import OPERATOR_AT_COMMAND_LINE
from ticketboss.engine.administration import Administration
from ticketboss.engine.verifier import Verifier
from ticketboss.repository import open_repository

PARTNER_IDS = ("ada", "bob", "eve")
PROCESSES = 2
CLIENTS_EACH = 2
SEATS = 150
NO_LIMIT = {"TICKETBOSS_RATE_LIMIT_WRITES": "", "TICKETBOSS_RATE_LIMIT_READS": ""}
SETTINGS: dict[str, str | int] = {"TICKETBOSS_AUTH": "keys", "LOG_LEVEL": "critical", **NO_LIMIT}
CLIENTS_SECONDS_MAX = 60.0
# What is left to the clients behind all that happens meanwhile, so that they settle what was lost;
# in the last part of it the event is cancelled.
REST_SECONDS = 1.5
ENDING_SECONDS = 0.4
# A sale that nobody ends is over some time.
SALE_SECONDS_MAX = 600.0


@dataclass(frozen=True, slots=True)
class Keys:
    """Who may ask a server: an operator, and the partners."""

    operator: Identity
    partners: tuple[Identity, ...]


class Desk:
    """An operator's client of a server, for what is not part of the history."""

    def __init__(self, server: Server, api_key: str) -> None:
        self._client = Client(server.url, api_key=api_key)

    def get(self, path: str) -> Document:
        """GET what must be there."""
        answer = self._client.get(path)
        assert answer.status_code == 200, answer.text
        document: Document = answer.json()
        return document

    def post(self, path: str, body: Document) -> None:
        """POST what must succeed."""
        answer = self._client.send("POST", path, body=body)
        assert answer.status_code == 201, answer.text

    def close(self) -> None:
        """Give the connection up."""
        self._client.close()


@contextmanager
def desk(server: Server, api_key: str) -> Iterator[Desk]:
    """An operator's client for the length of a block."""
    opened = Desk(server, api_key)
    try:
        yield opened
    finally:
        opened.close()


def make_keys(server: Server) -> Keys:
    """One key for the operator and one for each partner; the server must have been started."""
    with closing(open_repository(server.environment["DATABASE_URL"])) as repository:
        administration = Administration(repository)

        def identity(partner_id: str | None) -> Identity:
            issued = administration.issue_key(OPERATOR_AT_COMMAND_LINE, partner_id, is_test=False)
            return Identity(issued.secret, Caller.with_key(issued.key).actor or "", partner_id)

        return Keys(identity(None), tuple(map(identity, PARTNER_IDS)))


def differences_of(server: Server, event_id: str) -> list[str]:
    """What the shipped `verify` finds wrong with one event in a server's database."""
    with closing(open_repository(server.environment["DATABASE_URL"])) as repository:
        verification = Verifier(repository, event_id).verify()
    return [f"there is no event {event_id}"] if verification is None else verification.differences


def put_on_sale(server: Server, keys: Keys, event_id: str, **settings: Any) -> None:
    """A new event."""
    body = {"eventId": event_id, "name": event_id, "totalSeats": SEATS, **settings}
    with desk(server, keys.operator.api_key) as operating:
        operating.post("/events", body)


def run_sale(
    server: Server,
    keys: Keys,
    event_id: str,
    seed: str,
    seconds: float,
    meanwhile: Callable[[], None] = lambda: None,
) -> History:
    """Sell an event to many clients for so long, and give all that was asked and told.

    `meanwhile` is called once they are under way, and they are left alone for a while behind it,
    whatever that takes. Towards the end the event is cancelled.
    """
    put_on_sale(server, keys, event_id)
    folder = server.folder / event_id
    folder.mkdir()
    crews = _crews(server, keys, event_id, seed)
    until = time.monotonic() + seconds
    processes = [_started(crew) for crew in crews]
    try:
        meanwhile()
        _end(folder, max(until, time.monotonic() + REST_SECONDS))
        for process in processes:
            assert process.wait(CLIENTS_SECONDS_MAX) == 0, "a client failed"
    finally:
        for process in processes:
            process.kill()
    operations = read_operations(sorted(folder.glob("*.jsonl")))
    # A long run has many sales.
    shutil.rmtree(folder)
    return History(event_id, seed, operations, ending_of(server, keys, event_id))


def _end(folder: Path, at: float) -> None:
    """Have a sale end at that moment, of the monotonic clock."""
    time.sleep(max(0.0, at - ENDING_SECONDS - time.monotonic()))
    (folder / ENDING).touch()
    time.sleep(max(0.0, at - time.monotonic()))
    (folder / OVER).touch()


def _crews(server: Server, keys: Keys, event_id: str, seed: str) -> list[Crew]:
    """What each process of clients is told; the first has the operator."""
    until_ns = time.monotonic_ns() + int(SALE_SECONDS_MAX * 1e9)
    return [
        Crew(
            port=server.port,
            event_id=event_id,
            seed=seed,
            name=f"c{number}",
            folder=str(server.folder / event_id),
            seats=SEATS,
            partners=[asdict(partner) for partner in keys.partners],
            clients_each=CLIENTS_EACH,
            until_ns=until_ns,
            operator=None if number else asdict(keys.operator),
        )
        for number in range(PROCESSES)
    ]


def ending_of(server: Server, keys: Keys, event_id: str) -> Ending:
    """All of a sale as an operator reads it once nothing changes any more, and verify's word."""
    path = f"/events/{event_id}"
    with desk(server, keys.operator.api_key) as operating:
        endings: list[Ending] = []

        def is_quiet() -> bool:
            event = operating.get(path)
            ledger = _pages(operating, f"{path}/ledger", "after", "entries")
            rows = _pages(operating, f"{path}/reservations", "cursor", "reservations")
            differences = differences_of(server, event_id)
            endings.append(Ending(event, ledger, rows, differences))
            return bool(event["version"] == operating.get(path)["version"])

        wait_until(is_quiet, "the sale does not come to rest")
    return endings[-1]


def _started(crew: Crew) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.faults.history.clients", str(crew.write())]
    return subprocess.Popen(command, cwd=PROJECT)


def _pages(operating: Desk, path: str, cursor_name: str, name: str) -> list[Document]:
    found: list[Document] = []
    cursors = {None}
    page = operating.get(path)
    # The list has no next one at its end, the feed nothing new. One that leads back is left with
    # what it has shown, which is then too much.
    while page[name]:
        found += page[name]
        if page["next"] in cursors:
            break
        cursors.add(page["next"])
        page = operating.get(f"{path}?{cursor_name}={page['next']}")
    return found
