"""The reservation: one partner's claim on some seats of an event."""

from typing import Literal, NamedTuple

from ticketboss.domain.api_keys import API_KEY_PATTERN

Status = Literal["held", "confirmed", "cancelled", "expired"]

# What stands in the wrong place is kept for ever: no id is an API key.
PARTNER_ID_PATTERN = rf"(?!.*{API_KEY_PATTERN})[A-Za-z0-9._:-]{{1,64}}"
REFERENCE_LENGTH_MAX = 100
HOLD_SECONDS_MAX = 3_600


class Reservation(NamedTuple):
    """A reservation as the ledger entry `version` left it.

    `created_version` is the entry that made it, `created_at` that entry's time. `expires_at` is
    None unless it is held. Times are milliseconds since 1970, UTC. `reference` is the partner's
    own order number.
    """

    reservation_id: str
    partner_id: str
    reference: str | None
    seats: int
    status: Status
    created_at: int
    created_version: int
    version: int
    expires_at: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether it takes seats away from availability."""
        return self.status in ("held", "confirmed")

    def is_due(self, now: int) -> bool:
        """Whether it is a hold whose time is over."""
        return self.expires_at is not None and now >= self.expires_at


class PartnerTotals(NamedTuple):
    """What one partner has of one event: seats of live reservations, and open holds."""

    seats_taken: int = 0
    open_holds: int = 0
