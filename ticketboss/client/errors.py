"""Why a call failed: one exception for each error code, named after it.

Those for operators are here too: this client sends nothing that is refused so, but whoever asks by
other means can have `problem` make them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ticketboss.client.names import code_of
from ticketboss.client.problems import STANDARD_MEMBERS
from ticketboss.client.problems import OutcomeUnknown as OutcomeUnknown
from ticketboss.client.problems import TicketBossError as TicketBossError
from ticketboss.client.request_errors import *  # noqa: F403 - one module for all of them


class InternalError(OutcomeUnknown):
    """The server failed; what became of a write is not known."""


class NotEnoughSeats(TicketBossError):
    """Fewer seats are available than were asked for; held ones may come back."""

    requested_seats: int
    available_seats: int
    held_seats: int
    next_hold_expires_at: datetime | None


class TooManySeats(TicketBossError):
    """More seats than one reservation of this event may have."""

    requested_seats: int
    seats_per_reservation_max: int


class PartnerLimitReached(TicketBossError):
    """The partner would have more seats, or open holds, than this event allows it."""

    limit: str
    limit_max: int
    taken: int


class SaleNotOpen(TicketBossError):
    """The sale has not begun; wait `opens_in_ms`, then call again."""

    opens_at: datetime
    opens_in_ms: int


class SaleClosed(TicketBossError):
    """The sale of this event has ended."""


class SalePaused(TicketBossError):
    """The operator has paused the sale of this event."""


class EventCancelled(TicketBossError):
    """This event does not take place."""


class HoldExpired(TicketBossError):
    """The hold's time was over; its seats were given back."""


class HoldTooLong(TicketBossError):
    """The hold with its extensions would last longer than this event allows."""

    hold_seconds_total_max: int


class NotAHold(TicketBossError):
    """The reservation is confirmed: there is nothing to extend."""


class ReservationEnded(TicketBossError):
    """The reservation was cancelled and cannot be changed any more."""


class AlreadyCancelled(TicketBossError):
    """The reservation was cancelled before, and not under this call's key."""


class ReservationNotFound(TicketBossError):
    """This event has no such reservation, or it is another partner's."""


class EventNotFound(TicketBossError):
    """There is no such event."""


class VersionNotFound(TicketBossError):
    """The event has not come to that version yet."""

    current_version: int


class PreconditionFailed(TicketBossError):
    """The reservation is no longer at the version that was expected."""

    current_version: int


class IdempotencyKeyReused(TicketBossError):
    """The idempotency key stands for a different request."""


class PartnerFrozen(TicketBossError):
    """The operator has frozen this partner."""


class PartnerMismatch(TicketBossError):
    """The key belongs to another partner than the client's `partner_id`."""


class EventExists(TicketBossError):
    """There is an event of this id already (operators)."""


class InvalidSaleWindow(TicketBossError):
    """The sale would end before it begins (operators)."""


class CapacityInUse(TicketBossError):
    """More seats are taken than the event would have (operators)."""

    requested_seats: int
    taken_seats: int


class AuditTooLarge(TicketBossError):
    """The ledger is longer than an audit over HTTP replays (operators)."""

    entries: int
    entries_max: int


class KeyNotFound(TicketBossError):
    """There is no such API key (operators)."""


class PartnerNotFound(TicketBossError):
    """There is no such partner (operators)."""


class BulkRefused(TicketBossError):
    """No item of a bulk was accepted, or of an atomic one not every one."""

    @property
    def outcomes(self) -> tuple[TicketBossError | None, ...]:
        """For each item, in order, why not; None where it could have been accepted."""
        return tuple(outcome and problem(outcome) for outcome in self.facts["outcomes"])


BY_CODE: Mapping[str, type[TicketBossError]] = {
    code_of(name): kind
    for name, kind in list(vars().items())
    if isinstance(kind, type) and issubclass(kind, TicketBossError) and kind is not TicketBossError
}


def problem(
    document: Mapping[str, Any],
    status: int | None = None,
    retry_after_seconds: float | None = None,
    version: int | None = None,
) -> TicketBossError:
    """The exception for a problem document, or for one item's refusal in a bulk."""
    code = str(document["code"])
    return BY_CODE.get(code, TicketBossError)(
        str(document.get("detail") or document.get("title") or code),
        code=code,
        status=status,
        request_id=document.get("requestId"),
        retryable=document.get("retryable") is True,
        retry_after_seconds=retry_after_seconds,
        version=version,
        facts={name: fact for name, fact in document.items() if name not in STANDARD_MEMBERS},
    )
