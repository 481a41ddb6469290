"""A small drop to look at: partners that reserve, hold, confirm and cancel while it lasts."""

import random
import threading
from types import TracebackType
from typing import Any, Self

import requests

PARTNERS = ("northwind-tickets", "harbour-events", "city-hall-club", "abc-corp")
PAUSE_SECONDS = 0.01


class Drop:
    """Each partner is one thread with one connection; a failure of theirs fails the test."""

    def __init__(
        self, url: str, event_id: str, keys: dict[str, str] | None = None, seed: int = 1
    ) -> None:
        """`keys` has a partner's API key each, and is left out in open mode."""
        self._at = f"{url}/events/{event_id}/reservations"
        self._keys = keys
        self._stopped = threading.Event()
        self._errors: list[BaseException] = []
        self.answers = 0
        self._threads = [
            threading.Thread(target=self._run, args=(partner_id, random.Random(f"{seed}{place}")))
            for place, partner_id in enumerate(keys or PARTNERS)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Return when all partners are done."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _run(self, partner_id: str, dice: random.Random) -> None:
        with requests.Session() as session:
            if self._keys is not None:
                session.headers["Authorization"] = f"Bearer {self._keys[partner_id]}"
            try:
                while not self._stopped.wait(PAUSE_SECONDS):
                    self._buy(session, partner_id, dice)
            except (requests.RequestException, AssertionError) as error:
                self._errors.append(error)

    def _buy(self, session: requests.Session, partner_id: str, dice: random.Random) -> None:
        body: dict[str, Any] = {"partnerId": partner_id, "seats": dice.randint(1, 4)}
        if dice.random() < 0.4:
            body["holdSeconds"] = 300
        made = session.post(self._at, json=body, timeout=10)
        self.answers += 1
        if made.status_code == 409:
            return
        made.raise_for_status()
        url = f"{self._at}/{made.json()['reservationId']}"
        if "holdSeconds" in body and dice.random() < 0.6:
            session.post(f"{url}/confirm", timeout=10).raise_for_status()
        elif dice.random() < 0.1:
            session.delete(url, timeout=10).raise_for_status()
