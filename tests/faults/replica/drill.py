"""A machine that is lost in the middle of a drop, and what its replica has of it."""

import time
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.concurrency.background import Background
from tests.concurrency.clients import Client
from tests.concurrency.watching import ledger_of, wait_until
from tests.faults.replica.litestream import Litestream
from tests.server import Server
from ticketboss.domain.ledger import LedgerEntry

SETTINGS: dict[str, str | int] = {
    "TICKETBOSS_DEFAULT_EVENT_SEATS": 1_000_000,
    "TICKETBOSS_RATE_LIMIT_WRITES": "100000/second",
    "TICKETBOSS_CHECKPOINTS": "litestream",
    "LOG_LEVEL": "warning",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """What a lost machine had committed, and what of that the replica gave back.

    `answered` are the commits of which somebody had been told; `seconds` is how old the newest
    commit was that came back, when the machine was lost.
    """

    committed: int
    restored: int
    answered_and_lost: int
    seconds: float


class Buyers(Background):
    """Clients that reserve one seat after the other, until the server is gone."""

    def __init__(self, server: Server, clients: int) -> None:
        super().__init__(clients)
        self._url = server.url
        self.versions: list[int] = []

    def wait_for_more(self, count: int) -> None:
        """Return when so many further ones were answered."""
        goal = len(self.versions) + count
        wait_until(lambda: len(self.versions) >= goal, "nothing was sold")

    def _run(self, number: int) -> None:
        with Client(self._url, f"partner-{number}") as client:
            while not self._stopping.is_set():
                try:
                    answer = client.reserve(1, f"key-{number}-{time.monotonic_ns()}")
                except requests.RequestException:
                    return
                if answer.status_code == requests.codes.created:
                    self.versions.append(int(answer.headers["TicketBoss-Version"]))


def lose_a_machine(folder: Path, interval_ms: int, clients: int, seconds: float) -> Loss:
    """SIGKILL the server and Litestream while they work, and restore what was replicated.

    Raises AssertionError when that is not whole, or not what the ledger began with.
    """
    server = Server(new_folder(folder / "disk"), **SETTINGS)
    with server, Litestream(file_of(server), folder, interval_ms) as replica:
        with Buyers(server, clients) as buyers:
            over = time.monotonic() + seconds
            wait_until(lambda: time.monotonic() >= over, "the time did not pass")
            lost_at = time.time()
            replica.kill()
            server.destroy()
        committed = ledger_of(server)
        restored = restored_ledger(replica, folder)
    assert restored == committed[: len(restored)], "the replica has another past"
    return Loss(
        len(committed),
        len(restored),
        sum(version >= len(restored) for version in buyers.versions),
        lost_at - restored[-1].at / 1_000,
    )


def restored_ledger(replica: Litestream, folder: Path) -> list[LedgerEntry]:
    """The ledger of another machine whose database is made of the replica; it must be whole."""
    copy = folder / "replica.db"
    copy.unlink(missing_ok=True)
    replica.restore(copy)
    elsewhere = Server(new_folder(folder / f"elsewhere-{time.monotonic_ns()}"))
    # It checks every page, and replays every ledger.
    elsewhere.operate("restore", str(copy))
    return ledger_of(elsewhere)


def file_of(server: Server) -> Path:
    """Where a server's database is."""
    return Path(server.environment["DATABASE_URL"].removeprefix("sqlite:///"))


def new_folder(path: Path) -> Path:
    """Make a folder."""
    path.mkdir()
    return path
