"""Clients of one partner that make every kind of write, and remember what they were told."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import requests

from tests.concurrency.background import Background
from tests.concurrency.clients import Client
from tests.concurrency.watching import wait_until
from tests.server import Server

HOLD_SECONDS = 600
SEATS_MAX = 4


@dataclass(frozen=True, slots=True)
class Write:
    """One write with its answer; times are monotonic seconds."""

    kind: str
    event_id: str | None
    sent_at: float
    answered_at: float
    status: int
    # The code of a refusal, or `accepted`.
    told: str
    # The version of the event at which it was decided.
    version: int


class Writers(Background):
    """Reserve, hold, confirm, change and cancel at random while the block lasts.

    `api_keys` and `event_ids` are taken in turn; without any it is open mode, and the default
    event.
    """

    def __init__(
        self,
        server: Server,
        count: int,
        partner_id: str,
        api_keys: Sequence[str | None] = (None,),
        event_ids: Sequence[str | None] = (None,),
    ) -> None:
        super().__init__(count)
        self._server = server
        self._partner_id = partner_id
        self._api_keys = api_keys
        self._event_ids = event_ids
        self.writes: list[Write] = []
        # Reservations that were promised for good and never given back, by event and id.
        self.kept: set[tuple[str | None, str]] = set()

    def wait_for_more(self, count: int, told: str) -> None:
        """Return when so many further writes were told this."""
        seen = len(self.writes)
        wait_until(
            lambda: sum(write.told == told for write in self.writes[seen:]) >= count,
            f"too few writes were told {told}",
        )

    def _run(self, number: int) -> None:
        chance = random.Random(number)
        api_key = self._api_keys[number % len(self._api_keys)]
        turns = [
            _Turn(self._server, self._partner_id, api_key, event_id, chance)
            for event_id in self._event_ids
        ]
        try:
            while not self._stopping.is_set():
                turn = chance.choice(turns)
                self.writes.append(turn.write())
        finally:
            for turn in turns:
                self.kept |= turn.kept()
                turn.client.close()


class _Turn:
    """One writer's dealings with one event."""

    def __init__(
        self,
        server: Server,
        partner_id: str,
        api_key: str | None,
        event_id: str | None,
        chance: random.Random,
    ) -> None:
        self.client = Client(server.url, partner_id, api_key, event_id)
        self._event_id = event_id
        self._chance = chance
        self._held: list[str] = []
        self._confirmed: list[str] = []

    def kept(self) -> set[tuple[str | None, str]]:
        """What was promised for good."""
        return {(self._event_id, reservation_id) for reservation_id in self._confirmed}

    def write(self) -> Write:
        """Make one write of a kind that is possible by now."""
        kinds: list[Callable[[], tuple[str, requests.Response]]] = [self._reserve, self._hold]
        if self._held:
            kinds += [self._confirm, self._release]
        if self._confirmed:
            kinds += [self._change, self._cancel]
        sent_at = time.monotonic()
        kind, answer = self._chance.choice(kinds)()
        told = "accepted" if answer.status_code < 400 else answer.json()["code"]
        version = int(answer.headers["TicketBoss-Version"])
        return Write(
            kind, self._event_id, sent_at, time.monotonic(), answer.status_code, told, version
        )

    def _reserve(self) -> tuple[str, requests.Response]:
        answer = self.client.reserve(self._chance.randint(1, SEATS_MAX))
        if answer.status_code == 201:
            self._confirmed.append(answer.json()["reservationId"])
        return "reserve", answer

    def _hold(self) -> tuple[str, requests.Response]:
        answer = self.client.hold(self._chance.randint(1, SEATS_MAX), HOLD_SECONDS)
        if answer.status_code == 201:
            self._held.append(answer.json()["reservationId"])
        return "hold", answer

    def _confirm(self) -> tuple[str, requests.Response]:
        hold_id = self._held[-1]
        answer = self.client.confirm(hold_id)
        if answer.status_code == 200:
            self._confirmed.append(hold_id)
        if answer.status_code != 403:
            self._held.remove(hold_id)
        return "confirm", answer

    def _release(self) -> tuple[str, requests.Response]:
        hold_id = self._held[0]
        answer = self.client.cancel(hold_id)
        if answer.status_code != 403:
            self._held.remove(hold_id)
        return "release", answer

    def _change(self) -> tuple[str, requests.Response]:
        reservation_id = self._chance.choice(self._confirmed)
        return "change", self.client.change(reservation_id, self._chance.randint(1, SEATS_MAX))

    def _cancel(self) -> tuple[str, requests.Response]:
        reservation_id = self._chance.choice(self._confirmed)
        answer = self.client.cancel(reservation_id)
        if answer.status_code == 204:
            self._confirmed.remove(reservation_id)
        return "cancel", answer
