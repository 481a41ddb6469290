"""Why a command was refused: a stable code and the facts behind it.

Nothing here knows HTTP; `api/problem_types.py` maps the codes to statuses. Times are milliseconds
since 1970, UTC.
"""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer "no", decided on a state that was committed.

    `may_pass` says that it can change without anybody's doing, when due claims end.
    """

    code: ClassVar[str]
    may_pass: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class EventNotFound(Refusal):
    code: ClassVar[str] = "event_not_found"


@dataclass(frozen=True, slots=True)
class EventExists(Refusal):
    code: ClassVar[str] = "event_exists"


@dataclass(frozen=True, slots=True)
class WrongKeyMode(Refusal):
    """A test key on an event that is for real, or the other way round."""

    code: ClassVar[str] = "test_key"
    event_is_test: bool


@dataclass(frozen=True, slots=True)
class ReservationNotFound(Refusal):
    code: ClassVar[str] = "reservation_not_found"


@dataclass(frozen=True, slots=True)
class AlreadyCancelled(Refusal):
    code: ClassVar[str] = "already_cancelled"


@dataclass(frozen=True, slots=True)
class ReservationEnded(Refusal):
    """It was cancelled or released: it cannot be confirmed or changed any more."""

    code: ClassVar[str] = "reservation_ended"


@dataclass(frozen=True, slots=True)
class HoldExpired(Refusal):
    code: ClassVar[str] = "hold_expired"


@dataclass(frozen=True, slots=True)
class NotAHold(Refusal):
    """A confirmed reservation has no hold to extend."""

    code: ClassVar[str] = "not_a_hold"


@dataclass(frozen=True, slots=True)
class HoldTooLong(Refusal):
    """The hold with its extensions would last longer than this event allows."""

    code: ClassVar[str] = "hold_too_long"
    hold_seconds_total_max: int


@dataclass(frozen=True, slots=True)
class TooManySeats(Refusal):
    """More seats than one reservation of this event may have."""

    code: ClassVar[str] = "too_many_seats"
    requested_seats: int
    seats_per_reservation_max: int


@dataclass(frozen=True, slots=True)
class NotEnoughSeats(Refusal):
    code: ClassVar[str] = "not_enough_seats"
    may_pass: ClassVar[bool] = True
    requested_seats: int
    available_seats: int
    held_seats: int
    next_hold_expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class PartnerLimitReached(Refusal):
    """The partner would have more seats, or more open holds, than this event allows it."""

    code: ClassVar[str] = "partner_limit_reached"
    may_pass: ClassVar[bool] = True
    limit: str
    limit_max: int
    taken: int


@dataclass(frozen=True, slots=True)
class PartnerFrozen(Refusal):
    code: ClassVar[str] = "partner_frozen"


@dataclass(frozen=True, slots=True)
class SaleNotOpen(Refusal):
    code: ClassVar[str] = "sale_not_open"
    opens_at: int
    opens_in_ms: int


@dataclass(frozen=True, slots=True)
class SaleClosed(Refusal):
    code: ClassVar[str] = "sale_closed"


@dataclass(frozen=True, slots=True)
class SalePaused(Refusal):
    code: ClassVar[str] = "sale_paused"


@dataclass(frozen=True, slots=True)
class EventCancelled(Refusal):
    code: ClassVar[str] = "event_cancelled"


@dataclass(frozen=True, slots=True)
class CapacityInUse(Refusal):
    """The new capacity would be below what is reserved and held."""

    code: ClassVar[str] = "capacity_in_use"
    requested_seats: int
    taken_seats: int


@dataclass(frozen=True, slots=True)
class InvalidSaleWindow(Refusal):
    """The sale would end before it begins."""

    code: ClassVar[str] = "invalid_sale_window"


@dataclass(frozen=True, slots=True)
class BulkRefused(Refusal):
    """No item was accepted, or of an atomic bulk not every one.

    `outcomes` has for each item None where it could have been accepted, else code and facts.
    """

    code: ClassVar[str] = "bulk_refused"
    outcomes: tuple[dict[str, Any] | None, ...]


@dataclass(frozen=True, slots=True)
class PreconditionFailed(Refusal):
    """The client asked for a version that is no longer the current one."""

    code: ClassVar[str] = "precondition_failed"
    current_version: int


@dataclass(frozen=True, slots=True)
class IdempotencyKeyReused(Refusal):
    """The key already stands for another request."""

    code: ClassVar[str] = "idempotency_key_reused"
