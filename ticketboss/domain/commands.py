"""What can be asked of an event: one frozen dataclass per command."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from ticketboss.domain.reservations import Reservation


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What every command carries.

    `idempotency_key` is the client's name for this intent. `expected_versions` are the
    versions that the client's precondition allows; None means that there is none.
    """

    event_id: str
    idempotency_key: str | None = None
    expected_versions: frozenset[int] | None = None

    def request_hash(self) -> str:
        """SHA-256 over what was asked, so that a reused key can be told from a retry.

        Ids minted by the server and preconditions do not count: a retry has new ones.
        """
        canonical = json.dumps([type(self).__name__, self.event_id, *self._asked()])
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def existing_reservation_id(self) -> str | None:
        """The reservation that must be looked up before this command can be decided."""
        return None

    def partner_among(self, reservations: Mapping[str, Reservation]) -> str | None:  # noqa: ARG002
        """The partner it is about: named in the command, or by its reservation's row."""
        return None

    def _asked(self) -> list[str | int | None]:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateEvent(Command):
    """Put an event on sale."""

    name: str
    total_seats: int
    seats_per_reservation_max: int

    def _asked(self) -> list[str | int | None]:
        return [self.name, self.total_seats, self.seats_per_reservation_max]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve(Command):
    """Take seats for a partner; `reservation_id` is minted by the caller."""

    reservation_id: str
    partner_id: str
    seats: int
    reference: str | None = None

    def partner_among(self, reservations: Mapping[str, Reservation]) -> str | None:  # noqa: ARG002
        return self.partner_id

    def _asked(self) -> list[str | int | None]:
        return [self.partner_id, self.seats, self.reference]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Command):
    """Give a reservation's seats back."""

    reservation_id: str

    @property
    def existing_reservation_id(self) -> str | None:
        return self.reservation_id

    def partner_among(self, reservations: Mapping[str, Reservation]) -> str | None:
        reservation = reservations.get(self.reservation_id)
        return None if reservation is None else reservation.partner_id

    def _asked(self) -> list[str | int | None]:
        return [self.reservation_id]
