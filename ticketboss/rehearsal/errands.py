"""What is asked in a drop, and what was answered: all that the judge and the report know."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ticketboss.client.documents import Reservation
from ticketboss.rehearsal.arrivals import Wish

Action = Literal["reserve", "hold", "confirm", "cancel", "repeat"]
ACTIONS: tuple[Action, ...] = ("reserve", "hold", "confirm", "cancel", "repeat")

ACCEPTED = "accepted"
UNKNOWN = "outcome_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One thing to ask; `reservation_id` is that of what is to be confirmed or cancelled."""

    wish: Wish
    action: Action
    due_seconds: float
    reservation_id: str | None = None

    @property
    def intent(self) -> str:
        """What its idempotency key is for: asked for again, it is that of the first time."""
        action = first_action(self.wish) if self.action == "repeat" else self.action
        return f"{self.wish.number}-{action}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of an errand; the times are seconds after T-0.

    `code` is `accepted`, a problem code, or `outcome_unknown` where nothing settled it in time.
    `version` is the one that the answer was decided at. `failed_tries` are the codes of the tries
    before the last one.
    """

    errand: Errand
    sent_seconds: float
    ended_seconds: float
    code: str
    version: int | None = None
    reservation: Reservation | None = None
    failed_tries: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the answer was yes."""
        return self.code == ACCEPTED

    @property
    def took_ms(self) -> float:
        """From the moment at which it was meant to be sent, however late it really was."""
        return (self.ended_seconds - self.errand.due_seconds) * 1_000

    @property
    def took_ms_from_sending(self) -> float:
        """From the moment at which it was really sent."""
        return (self.ended_seconds - self.sent_seconds) * 1_000


def first_action(wish: Wish) -> Action:
    """What a wish begins with."""
    return "hold" if wish.holds else "reserve"


def first_errand(wish: Wish) -> Errand:
    """The errand that a wish begins with."""
    return Errand(wish=wish, action=first_action(wish), due_seconds=wish.due_seconds)


def following(told: Told) -> Iterator[Errand]:
    """What the partner asks next, after this answer."""
    wish, action = told.errand.wish, told.errand.action
    if not told.is_accepted or told.reservation is None:
        return
    if action in ("reserve", "hold") and wish.repeats:
        yield Errand(wish=wish, action="repeat", due_seconds=told.ended_seconds)
    due, id_ = told.ended_seconds + wish.think_seconds, told.reservation.reservation_id
    if action == "hold" and wish.confirms:
        yield Errand(wish=wish, action="confirm", due_seconds=due, reservation_id=id_)
    if action in ("reserve", "confirm") and wish.cancels:
        yield Errand(wish=wish, action="cancel", due_seconds=due, reservation_id=id_)
