"""A partner's back-end that does all that a partner can, right and wrong, by a seed."""

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.faults.history.answers import CREATES
from tests.faults.history.forms import wrong_form
from tests.faults.history.record import Document, Operation
from tests.faults.history.wire import REQUEST_SECONDS_MAX, Request, Wire

KNOWN_MAX = 40
ENDED = frozenset({"hold_expired", "already_cancelled", "reservation_ended"})
SETTLE_SECONDS_MAX = 15.0
SETTLE_PAUSE_SECONDS = 0.02
IMPATIENT_SECONDS = (0.001, 0.02)


@dataclass(slots=True)
class Book:
    """What the clients of one partner know of its reservations: ids with the last version."""

    versions: dict[str, int] = field(default_factory=dict)
    _order: deque[str] = field(default_factory=deque)

    def note(self, id_: str, version: int) -> None:
        """Keep the newest ones; older ones are forgotten."""
        if id_ not in self.versions:
            self._order.append(id_)
        self.versions[id_] = version
        while len(self._order) > KNOWN_MAX:
            self.versions.pop(self._order.popleft(), None)

    def forget(self, id_: str) -> None:
        """It has ended."""
        self.versions.pop(id_, None)

    def any_of(self, chance: random.Random) -> tuple[str, int] | None:
        """One of them, if there is one."""
        known = list(self.versions.items())
        return chance.choice(known) if known else None


class Buyer:
    """One client of one partner; `books` are those of all partners in its process."""

    def __init__(
        self,
        wire: Wire,
        event_id: str,
        name: str,
        books: dict[str, Book],
        seed: str,
    ) -> None:
        self._wire = wire
        self._event = f"/events/{event_id}"
        self._name = name
        self._books = books
        self._own = books[wire.identity.partner_id or ""]
        self._chance = random.Random(f"{seed}-{name}")
        self._asked = 0
        self._under_keys: deque[Request] = deque(maxlen=30)
        self._wishes: dict[Callable[[], None], int] = {
            self.reserve: 14,
            self.hold: 14,
            self.fill: 4,
            self.bulk: 4,
            self.confirm: 14,
            self.cancel: 26,
            self.change: 10,
            self.repeat: 5,
            self.meddle: 5,
            self.read_event: 5,
            self.read_reservation: 6,
            self.read_list: 3,
            self.read_ledger: 3,
        }

    def run(self, is_over: Callable[[], bool]) -> None:
        """Ask for one thing after the other until the sale is over."""
        while not is_over():
            (wish,) = self._chance.choices(list(self._wishes), list(self._wishes.values()))
            wish()

    def reserve(self, **members: Any) -> None:
        """Reserve seats."""
        self._create("reserve", {"seats": self._chance.choice((1, 1, 2, 2, 3, 4, 12)), **members})

    def hold(self) -> None:
        """Hold seats; some holds are short, so that they expire while we look."""
        seconds = self._chance.choice((1, 1, 2, 60, 5_000))
        self._create(
            "hold", {"seats": self._chance.randint(1, 4), "holdSeconds": min(seconds, 3_600)}
        )

    def fill(self) -> None:
        """Take what there is."""
        seats = self._chance.randint(2, 9)
        self._create("fill", {"seats": seats, "minSeats": self._chance.randint(1, seats)})

    def bulk(self) -> None:
        """Reserve several times at once."""
        items: list[Document] = []
        reference = self._reference()
        for place in range(self._chance.randint(1, 5)):
            item = {"seats": self._chance.randint(1, 5), "reference": f"{reference}/{place}"}
            if self._chance.random() < 0.3:
                item["holdSeconds"] = 1
            if self._chance.random() < 0.2:
                item["minSeats"] = 1
            items.append(item)
        body = {"items": items, "atomic": self._chance.random() < 0.4}
        self._write("bulk", "POST", f"{self._event}/reservations/bulk", body)

    def confirm(self) -> None:
        """Confirm whatever is known, hold or not."""
        self._touch("confirm", "POST", "/confirm", None)

    def cancel(self) -> None:
        """Cancel whatever is known, ended or not."""
        self._touch("cancel", "DELETE", "", None)

    def change(self) -> None:
        """Other seats, more time, or both."""
        body: Document = {}
        if self._chance.random() < 0.8:
            body["seats"] = self._chance.randint(1, 6)
        if not body or self._chance.random() < 0.2:
            body["holdSeconds"] = self._chance.choice((1, 3, 3_600))
        self._touch("change", "PATCH", "", body)

    def repeat(self) -> None:
        """What was asked under a key before, in the same words or in others."""
        if not self._under_keys:
            return
        request = self._chance.choice(self._under_keys)
        body = request.body
        if body and "seats" in body and self._chance.random() < 0.3:
            request = replace(request, body=body | {"seats": body["seats"] + 1})
        self._settled(request)

    def meddle(self) -> None:
        """Cancel what is another partner's, act for it, or do what is for operators."""
        others = [name for name in self._books if name != self._wire.identity.partner_id]
        other = self._chance.choice(others)
        found = self._books[other].any_of(self._chance)
        choice = self._chance.random()
        if choice < 0.2:
            self.reserve(partnerId=other)
        elif choice < 0.4:
            self._write("pause", "POST", f"{self._event}/pause", None)
        elif found is not None:
            path = f"{self._event}/reservations/{found[0]}"
            method, kind = self._chance.choice((("DELETE", "cancel"), ("GET", "read_reservation")))
            self._wire.ask(Request(kind, method, path))

    def read_event(self) -> None:
        """The event now, or as it was."""
        if self._chance.random() < 0.7 or not self._own.versions:
            self._wire.ask(Request("read_event", "GET", self._event))
        else:
            version = self._chance.randint(0, max(self._own.versions.values()))
            self._wire.ask(Request("read_event_at", "GET", f"{self._event}?at={version}"))

    def read_reservation(self) -> None:
        """One that is known."""
        found = self._own.any_of(self._chance)
        if found:
            path = f"{self._event}/reservations/{found[0]}"
            self._wire.ask(Request("read_reservation", "GET", path))

    def read_list(self) -> None:
        """The newest of its own; so it learns of those that other processes have made."""
        cursor = max(0, max(self._own.versions.values(), default=0) - 60)
        path = f"{self._event}/reservations?cursor={cursor}&limit=20"
        answer = self._wire.ask(Request("list", "GET", path))
        rows = () if wrong_form(answer) else answer.document.get("reservations", ())
        for row in rows:
            self._own.note(row["reservationId"], row["version"])

    def read_ledger(self) -> None:
        """What was new a while ago."""
        after = max(0, max(self._own.versions.values(), default=0) - self._chance.randint(0, 60))
        path = f"{self._event}/ledger?after={after}&limit=50"
        self._wire.ask(Request("read_ledger", "GET", path))

    def _create(self, kind: str, body: Document) -> None:
        body = body | {"reference": self._reference()}
        self._write(kind, "POST", f"{self._event}/reservations", body)

    def _touch(self, kind: str, method: str, behind: str, body: Document | None) -> None:
        found = self._own.any_of(self._chance)
        if found is None:
            return
        id_, version = found
        if_match = f'"{version}"' if self._chance.random() < 0.2 else None
        path = f"{self._event}/reservations/{id_}{behind}"
        self._write(kind, method, path, body, if_match)

    def _write(
        self, kind: str, method: str, path: str, body: Document | None, if_match: str | None = None
    ) -> None:
        key = f"{self._reference()}-k" if self._chance.random() < 0.6 else None
        # Partners choose their keys by themselves: two may well choose the same.
        if key is not None and kind in CREATES and self._chance.random() < 0.1:
            key = f"order-{self._chance.randint(1, 40)}"
        request = Request(kind, method, path, body, key, if_match)
        if key is not None:
            self._under_keys.append(request)
        self._settled(request)

    def _settled(self, request: Request) -> None:
        """Ask until it is known what became of it; without a key nobody may ask again."""
        is_impatient = request.key is not None and self._chance.random() < 0.03
        seconds = self._chance.uniform(*IMPATIENT_SECONDS) if is_impatient else REQUEST_SECONDS_MAX
        answer = self._wire.ask(request, seconds)
        give_up = time.monotonic() + SETTLE_SECONDS_MAX
        while request.key and answer.outcome == "unknown" and time.monotonic() < give_up:
            time.sleep(SETTLE_PAUSE_SECONDS)
            answer = self._wire.ask(request)
        self._learn(answer)

    def _learn(self, answer: Operation) -> None:
        has_ended = answer.code in ENDED or (answer.kind == "cancel" and answer.outcome == "ok")
        # Now and then it is asked for all the same.
        if has_ended and self._chance.random() < 0.8:
            self._own.forget(answer.reservation_id)
        if answer.outcome != "ok" or wrong_form(answer):
            return
        for document in answer.document.get("outcomes", [answer.document]):
            if "reservationId" in document:
                self._own.note(document["reservationId"], document["version"])

    def _reference(self) -> str:
        self._asked += 1
        return f"{self._name}-{self._asked}"
