"""What the model of the sale remembers: claims, and what was asked under an idempotency key."""

from dataclasses import dataclass, fields
from typing import Any

from ticketboss.domain.commands import Command, Reserve, ReserveMany


@dataclass
class Claim:
    """One reservation or hold."""

    partner_id: str
    seats: int
    status: str
    created_at: int
    version: int
    expires_at: int | None = None
    reference: str | None = None
    created_version: int = 0

    @property
    def is_live(self) -> bool:
        return self.status in ("held", "confirmed")


class Claims(dict[str, Claim]):
    """All claims on an event by their ids, the oldest first; sums are taken anew each time."""

    def seats(self, status: str) -> int:
        return sum(claim.seats for claim in self.values() if claim.status == status)

    def taken(self, partner_id: str) -> int:
        mine = [claim for claim in self.values() if claim.partner_id == partner_id]
        return sum(claim.seats for claim in mine if claim.is_live)

    def open_holds(self, partner_id: str) -> int:
        mine = [claim for claim in self.values() if claim.partner_id == partner_id]
        return sum(claim.status == "held" for claim in mine)

    def next_expiry(self) -> int | None:
        return min((c.expires_at for c in self.values() if c.expires_at), default=None)


def request(command: Command) -> Any:
    """What was asked, without what a repetition has anew."""
    is_new = isinstance(command, Reserve | ReserveMany)
    anew = {"expected_versions", "actor", "for_test", "idempotency_key"}
    # An owner only says whose claims may be seen.
    anew |= {"reservation_id"} if is_new else {"partner_id"}
    asked = {f.name: getattr(command, f.name) for f in fields(command) if f.name not in anew}
    if isinstance(command, ReserveMany):
        asked["items"] = [request(item) for item in command.items]
    return type(command), asked
