"""What the model of the sale remembers: claims, and what was asked under an idempotency key."""

from dataclasses import dataclass, fields
from typing import Any

from ticketboss.domain.commands import Command, Reserve


@dataclass
class Claim:
    """One reservation or hold."""

    partner_id: str
    seats: int
    status: str
    created_at: int
    version: int
    expires_at: int | None = None

    @property
    def is_live(self) -> bool:
        return self.status in ("held", "confirmed")


def request(command: Command) -> Any:
    """What was asked, without what a repetition has anew."""
    anew = {"expected_versions", "actor", "for_test", "idempotency_key"}
    anew |= {"reservation_id"} if isinstance(command, Reserve) else set()
    # An owner only says whose claims may be seen.
    anew |= set() if isinstance(command, Reserve) else {"partner_id"}
    asked = {f.name: getattr(command, f.name) for f in fields(command) if f.name not in anew}
    return type(command), asked
