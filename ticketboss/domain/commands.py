"""What can be asked of an event: one frozen dataclass per command."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ticketboss.domain.events import (
    HOLD_SECONDS_TOTAL_DEFAULT,
    OPEN_HOLDS_PER_PARTNER_DEFAULT,
    SEATS_PER_RESERVATION_DEFAULT,
)
from ticketboss.domain.reservations import Reservation

SYSTEM_ACTOR = "system"


def partner_actor(partner_id: str) -> str:
    """The ledger's name for a partner that asks for a change."""
    return f"partner:{partner_id}"


def operator_actor(key_id: str) -> str:
    """The ledger's name for an operator, by the key that was used."""
    return f"operator:{key_id}"


# Operators who need no key: at the command line, and over HTTP in open mode.
OPERATOR_AT_COMMAND_LINE = operator_actor("cli")
OPERATOR_IN_OPEN_MODE = operator_actor("open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What every command carries.

    `actor` is who asks, as the ledger names them; None means the partner that the command is
    about. `for_test` says whether the asker may touch test events only or the others only; None
    means both. `idempotency_key` is the client's name for this intent. `expected_versions` are
    the versions that the client's precondition allows; None means that there is none.
    """

    event_id: str
    actor: str | None = None
    for_test: bool | None = None
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

    @property
    def takes_what_is_left(self) -> bool:
        """Whether it may be accepted in part, so that it matters how many seats there are."""
        return False

    @property
    def entries_max(self) -> int:
        """The most ledger entries that it can cause."""
        return 1

    def partner_among(self, reservations: Mapping[str, Reservation]) -> str | None:  # noqa: ARG002
        """The partner it is about: named in the command, or by its reservation's row."""
        return None

    def actor_among(self, reservations: Mapping[str, Reservation]) -> str | None:
        """Who asks; None when that is an unknown reservation's partner."""
        if self.actor is not None:
            return self.actor
        partner_id = self.partner_among(reservations)
        return None if partner_id is None else partner_actor(partner_id)

    def _asked(self) -> list[Any]:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCommand(Command):
    """A command on the event itself; without an actor it is the system's own."""

    def actor_among(self, reservations: Mapping[str, Reservation]) -> str | None:  # noqa: ARG002
        return self.actor or SYSTEM_ACTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateEvent(EventCommand):
    """Put an event on sale; see `domain.events.Event` for the settings."""

    name: str
    total_seats: int
    is_test: bool = False
    seats_per_reservation_max: int = SEATS_PER_RESERVATION_DEFAULT
    seats_per_partner_max: int | None = None
    open_holds_per_partner_max: int = OPEN_HOLDS_PER_PARTNER_DEFAULT
    hold_seconds_total_max: int = HOLD_SECONDS_TOTAL_DEFAULT
    on_sale_from: int | None = None
    on_sale_until: int | None = None

    def _asked(self) -> list[Any]:
        return [
            self.name,
            self.total_seats,
            self.is_test,
            self.seats_per_reservation_max,
            self.seats_per_partner_max,
            self.open_holds_per_partner_max,
            self.hold_seconds_total_max,
            self.on_sale_from,
            self.on_sale_until,
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent(EventCommand):
    """Change some of an event's settings, `total_seats` among them; the others stay."""

    settings: Mapping[str, Any]

    def _asked(self) -> list[Any]:
        return sorted(self.settings.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep(EventCommand):
    """Ask for nothing but what is due anyway: holds that expire, claims that must end."""

    def _asked(self) -> list[Any]:
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve(Command):
    """Take seats for a partner; `reservation_id` is minted by the caller.

    With `hold_seconds` they are held for that long, else reserved for good. With `min_seats` it
    may be fewer than `seats`, as many as there are, but not fewer than that.
    """

    reservation_id: str
    partner_id: str
    seats: int
    min_seats: int | None = None
    hold_seconds: int | None = None
    reference: str | None = None

    @property
    def takes_what_is_left(self) -> bool:
        return self.min_seats is not None

    def partner_among(self, reservations: Mapping[str, Reservation]) -> str | None:  # noqa: ARG002
        return self.partner_id

    def _asked(self) -> list[Any]:
        asked = [self.partner_id, self.seats, self.reference]
        # Only where they are given: keys of older entries keep their meaning.
        if self.min_seats is not None or self.hold_seconds is not None:
            asked += [self.min_seats, self.hold_seconds]
        return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveMany(Command):
    """Many new reservations of one partner, decided together and in order.

    The `items` have the same event, partner and actor as this command and no keys of their own.
    With `atomic` it is all of them or none.
    """

    partner_id: str
    items: tuple[Reserve, ...]
    atomic: bool = False

    @property
    def takes_what_is_left(self) -> bool:
        return True

    @property
    def entries_max(self) -> int:
        return len(self.items)

    def partner_among(self, reservations: Mapping[str, Reservation]) -> str | None:  # noqa: ARG002
        return self.partner_id

    def _asked(self) -> list[Any]:
        items = [
            [item.seats, item.reference, item.min_seats, item.hold_seconds] for item in self.items
        ]
        return [self.partner_id, self.atomic, items]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationCommand(Command):
    """A command on a reservation that exists; `partner_id` limits it to that partner's own."""

    reservation_id: str
    partner_id: str | None = None

    @property
    def existing_reservation_id(self) -> str | None:
        return self.reservation_id

    def partner_among(self, reservations: Mapping[str, Reservation]) -> str | None:
        reservation = reservations.get(self.reservation_id)
        return None if reservation is None else reservation.partner_id

    def _asked(self) -> list[Any]:
        return [self.reservation_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(ReservationCommand):
    """Give a reservation's seats back; of a hold that is a release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(ReservationCommand):
    """Make a hold a reservation for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(ReservationCommand):
    """Take more or fewer seats, or hold them for `hold_seconds` from now."""

    seats: int | None = None
    hold_seconds: int | None = None

    def _asked(self) -> list[Any]:
        return [self.reservation_id, self.seats, self.hold_seconds]
