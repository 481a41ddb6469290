"""Why a command was refused: a stable code and the facts behind it.

Nothing here knows HTTP; `api/problems.py` maps the codes to statuses.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer "no", decided on a state that was committed."""

    code: ClassVar[str]


@dataclass(frozen=True, slots=True)
class EventNotFound(Refusal):
    code: ClassVar[str] = "event_not_found"


@dataclass(frozen=True, slots=True)
class EventExists(Refusal):
    code: ClassVar[str] = "event_exists"


@dataclass(frozen=True, slots=True)
class ReservationNotFound(Refusal):
    code: ClassVar[str] = "reservation_not_found"


@dataclass(frozen=True, slots=True)
class AlreadyCancelled(Refusal):
    code: ClassVar[str] = "already_cancelled"


@dataclass(frozen=True, slots=True)
class TooManySeats(Refusal):
    """More seats than one reservation of this event may have."""

    code: ClassVar[str] = "too_many_seats"
    requested_seats: int
    seats_per_reservation_max: int


@dataclass(frozen=True, slots=True)
class NotEnoughSeats(Refusal):
    code: ClassVar[str] = "not_enough_seats"
    requested_seats: int
    available_seats: int
    held_seats: int


@dataclass(frozen=True, slots=True)
class PreconditionFailed(Refusal):
    """The client asked for a version that is no longer the current one."""

    code: ClassVar[str] = "precondition_failed"
    current_version: int


@dataclass(frozen=True, slots=True)
class IdempotencyKeyReused(Refusal):
    """The key already stands for another request."""

    code: ClassVar[str] = "idempotency_key_reused"
