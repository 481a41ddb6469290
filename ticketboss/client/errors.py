"""Why a call failed: one exception for each code that a partner meets, named after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ticketboss.client.names import code_of
from ticketboss.client.problems import STANDARD_MEMBERS
from ticketboss.client.problems import OutcomeUnknown as OutcomeUnknown
from ticketboss.client.problems import TicketBossError as TicketBossError


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


class NotFound(TicketBossError):
    """There is nothing at this URL."""


class PreconditionFailed(TicketBossError):
    """The reservation is no longer at the version that was expected."""

    current_version: int


class IdempotencyKeyReused(TicketBossError):
    """The idempotency key stands for a different request."""


class PartnerFrozen(TicketBossError):
    """The operator has frozen this partner."""


class PartnerMismatch(TicketBossError):
    """The key belongs to another partner than the client's `partner_id`."""


class KeyRequired(TicketBossError):
    """The server wants an API key."""


class KeyInvalid(TicketBossError):
    """The API key is unknown or was revoked."""


class WrongScope(TicketBossError):
    """The request needs an operator's key."""


class TestKey(TicketBossError):
    """A test key on an event that is for real, or the other way round."""


class LocalOnly(TicketBossError):
    """The server asks for no keys and so answers its own machine alone."""


class InvalidRequest(TicketBossError):
    """A field is not valid; `errors` has pairs of `field` and `message`."""

    errors: list[dict[str, str]]


class InvalidJson(TicketBossError):
    """The body was not acceptable as JSON."""


class InvalidHeader(TicketBossError):
    """A header was not valid."""


class BadRequest(TicketBossError):
    """The request could not be understood."""


class MethodNotAllowed(TicketBossError):
    """The URL does not have this method."""


class BodyTooSlow(TicketBossError):
    """The body did not arrive in time; the request had no effect."""


class LengthRequired(TicketBossError):
    """The body came without its length."""


class BodyTooLarge(TicketBossError):
    """The body was larger than the server takes."""

    bytes_max: int


class UnsupportedMediaType(TicketBossError):
    """The body was not declared as JSON."""


class RateLimited(TicketBossError):
    """The key sends too many requests; this one had no effect."""


class TooManyWrongKeys(TicketBossError):
    """From this address came too many wrong keys; the request had no effect."""


class Overloaded(TicketBossError):
    """There was no time for the request; it had no effect."""


class StorageUnavailable(TicketBossError):
    """The server's database cannot be used; the request had no effect."""


class NotReady(TicketBossError):
    """This server should get no requests now."""


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
        facts={name: fact for name, fact in document.items() if name not in STANDARD_MEMBERS},
    )
