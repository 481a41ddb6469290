"""An operator who changes the event all the time while it is sold."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.faults.history.forms import wrong_form
from tests.faults.history.record import Document, Operation
from tests.faults.history.wire import Request, Wire

PAUSE_SECONDS = (0.002, 0.03)


class Operator:
    """One client with an operator's key; what it takes away from the sale it soon gives back."""

    def __init__(
        self, wire: Wire, event_id: str, partner_ids: list[str], seats: int, seed: str
    ) -> None:
        self._wire = wire
        self._event_id = event_id
        self._event = f"/events/{event_id}"
        self._partner_ids = partner_ids
        self._seats = seats
        self._chance = random.Random(f"{seed}-operator")
        self._asked = 0

    def run(self, is_over: Callable[[], bool], is_ending: Callable[[], bool]) -> None:
        """Do one thing after the other until the sale is over; when it ends, cancel the event."""
        is_cancelled = False
        wishes: dict[Callable[[], None], int] = {
            self.change_capacity: 5,
            self.change_limits: 4,
            self.change_window: 3,
            self.pause: 3,
            self.freeze: 2,
            self.reserve: 3,
            self.read: 3,
        }
        while not is_over():
            if not is_cancelled and is_ending():
                self._write("cancel_event", f"{self._event}/cancel", None)
                is_cancelled = True
            (wish,) = self._chance.choices(list(wishes), list(wishes.values()))
            wish()
            self._rest()

    def change_capacity(self) -> None:
        """More seats, or fewer, perhaps fewer than are taken."""
        seats = max(1, self._seats + self._chance.randint(-40, 40))
        self._change({"totalSeats": seats})

    def change_limits(self) -> None:
        """What one partner may have."""
        self._change(
            {
                "seatsPerReservationMax": self._chance.choice((4, 10, 20)),
                "seatsPerPartnerMax": self._chance.choice((None, None, self._seats // 3)),
                "openHoldsPerPartnerMax": self._chance.choice((3, 1_000)),
                "holdSecondsTotalMax": self._chance.choice((2, 3_600, 3_600)),
            }
        )

    def change_window(self) -> None:
        """Close the sale, or let it begin soon, or in an empty window; then open it again."""
        now = datetime.now(UTC)
        soon, before = now + timedelta(milliseconds=40), now - timedelta(seconds=1)
        self._change(
            self._chance.choice(
                (
                    {"onSaleFrom": soon.isoformat()},
                    {"onSaleUntil": before.isoformat()},
                    {"onSaleUntil": soon.isoformat()},
                    {"onSaleFrom": soon.isoformat(), "onSaleUntil": before.isoformat()},
                )
            )
        )
        self._rest()
        self._change({"onSaleFrom": None, "onSaleUntil": None})

    def pause(self) -> None:
        """Pause and resume."""
        self._write("pause", f"{self._event}/pause", None)
        self._rest()
        self._write("resume", f"{self._event}/resume", None)

    def freeze(self) -> None:
        """Freeze a partner and let it go on."""
        partner_id = self._chance.choice(self._partner_ids)
        partner = f"/partners/{partner_id}"
        holds = self._chance.choice(("keep", "release"))
        self._ask(Request("freeze", "POST", f"{partner}/freeze", {"holds": holds}))
        # Operators may.
        self._reserve_for(partner_id)
        self._rest()
        self._ask(Request("unfreeze", "POST", f"{partner}/unfreeze"))

    def reserve(self) -> None:
        """Reserve for a partner."""
        self._reserve_for(self._chance.choice(self._partner_ids))

    def _reserve_for(self, partner_id: str) -> None:
        self._asked += 1
        body = {
            "partnerId": partner_id,
            "seats": self._chance.randint(1, 3),
            "reference": f"operator-{self._asked}",
        }
        self._write("reserve", f"{self._event}/reservations", body)

    def read(self) -> None:
        """The event, and all of a stretch of its list."""
        answer = self._ask(Request("read_event", "GET", self._event))
        version = 0 if wrong_form(answer) else answer.document.get("version", 0)
        cursor = max(0, version - 50)
        path = f"{self._event}/reservations?cursor={cursor}&limit=20"
        self._ask(Request("list", "GET", path))

    def _change(self, settings: Document) -> None:
        key = self._key() if self._chance.random() < 0.5 else None
        self._ask(Request("change_event", "PATCH", self._event, settings, key))

    def _write(self, kind: str, path: str, body: Document | None) -> None:
        self._ask(Request(kind, "POST", path, body, self._key()))

    def _key(self) -> str:
        self._asked += 1
        return f"operator-{self._asked}-k"

    def _ask(self, request: Request) -> Operation:
        """Ask until it is known what became of it, if that can be found out."""
        answer = self._wire.ask(request)
        is_repeatable = request.key is not None or request.kind in ("freeze", "unfreeze")
        give_up = time.monotonic() + 15
        while is_repeatable and answer.outcome == "unknown" and time.monotonic() < give_up:
            self._rest()
            answer = self._wire.ask(request)
        return answer

    def _rest(self) -> None:
        time.sleep(self._chance.uniform(*PAUSE_SECONDS))
