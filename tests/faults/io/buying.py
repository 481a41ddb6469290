"""A partner that asks a server in trouble, and what it was told."""

import time
from dataclasses import dataclass, field

import requests

from tests.concurrency.clients import Client
from tests.server import Server

# What may be said while the storage fails; each with a time to wait.
HONEST_CODES = {"storage_unavailable", "outcome_unknown", "overloaded"}
PATIENCE_SECONDS_MAX = 30.0
PAUSE_SECONDS = 0.02


@dataclass(slots=True)
class Buyer:
    """Buys one seat after the other, each under a key of its own."""

    client: Client
    name: str
    reservation_ids: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    asked: int = 0

    def ask(self, *, again: bool = False) -> requests.Response:
        """Ask for a seat, or for the same one again; keeps what the answer says."""
        self.asked += not again
        answer = self.client.reserve(1, f"{self.name}-{self.asked}")
        if answer.status_code == 201:
            self.reservation_ids.append(answer.json()["reservationId"])
        else:
            _check_honesty(answer)
            self.refused.append(answer.json()["code"])
        return answer

    def ask_until_refused(self, asked_max: int = 200) -> None:
        """Ask for seats until the storage fails."""
        for _ in range(asked_max):
            if self.ask().status_code != 201:
                return
        raise AssertionError(f"{asked_max} seats were sold, and nothing failed")

    def insist(self) -> None:
        """Ask for the same seat until it is had."""
        deadline = time.monotonic() + PATIENCE_SECONDS_MAX
        while self.ask(again=True).status_code != 201:
            assert time.monotonic() < deadline, f"no recovery; it said {self.refused[-5:]}"
            time.sleep(PAUSE_SECONDS)


def check_reads(client: Client, times: int = 5) -> None:
    """Events, lists and the ledger can be read, and the event again and again."""
    for path in ["/reservations"] * times + ["/events/node-meetup-2025/ledger"]:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.text}"


def check_that_all_is_told_truly(server: Server, *buyers: Buyer) -> None:
    """What was acknowledged is in the database, the rows are what the ledger gives, no bugs."""
    assert server.differences() == []
    rows = server.database.rows("SELECT reservation_id FROM reservations")
    told = [reservation_id for buyer in buyers for reservation_id in buyer.reservation_ids]
    assert set(told) <= {row[0] for row in rows}
    check_log(server)


def check_log(server: Server) -> None:
    """There is no traceback in the log."""
    assert "Traceback" not in server.log()


def _check_honesty(answer: requests.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] in HONEST_CODES, answer.text
    assert answer.json()["retryable"] is True
    assert int(answer.headers["Retry-After"]) >= 1
