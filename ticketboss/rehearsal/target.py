"""The server and the event to rehearse with, as an operator sees them over HTTP."""

from collections.abc import Sequence
from typing import Any

from ticketboss.client.answers import as_event
from ticketboss.client.arguments import checked_api_key, checked_url
from ticketboss.client.connection import Call, Connection
from ticketboss.client.documents import EventSummary, LedgerEntry
from ticketboss.client.errors import AuditTooLarge
from ticketboss.client.event_calls import EventCalls
from ticketboss.client.patience import Patience
from ticketboss.rehearsal.asking import Partner, one_try
from ticketboss.rehearsal.profile import Profile

READY_SECONDS_MAX = 45.0
LOOK_SECONDS = 1.0
OPERATOR_SECONDS_MAX = 60.0
# A ledger may be long, and the server may be busy.
OPERATING = Patience(
    timeout_seconds=30.0,
    connect_timeout_seconds=3.0,
    attempts_max=None,
    deadline_seconds=OPERATOR_SECONDS_MAX,
    backoff_seconds=0.1,
    backoff_seconds_max=1.0,
)
SHORTLY = Patience(
    timeout_seconds=LOOK_SECONDS,
    connect_timeout_seconds=LOOK_SECONDS,
    attempts_max=None,
    deadline_seconds=LOOK_SECONDS,
    backoff_seconds=0.05,
    backoff_seconds_max=0.05,
)


class Target:
    """One event of one server. Each method raises TicketBossError where the server says no.

    Without keys the server must be in open mode; without keys of partners the operator's
    reserves for all of them. `run` names this rehearsal.
    """

    def __init__(
        self,
        url: str,
        event_id: str,
        run: str,
        operator_key: str | None = None,
        partner_keys: Sequence[str] = (),
    ) -> None:
        """Raises ValueError for what cannot be a URL, an event's id or a key."""
        self.run = run
        self._event_id = event_id
        self._connection, *self._partners = (
            Connection(checked_url(url), checked_api_key(key))
            for key in (operator_key, *partner_keys)
        )
        self._calls = EventCalls(self._connection, event_id, OPERATING)

    def wait_until_ready(self) -> None:
        """Return when the server says that it is ready; asks for LOOK_SECONDS at most."""
        call = Call(method="GET", path="/readyz", read=lambda _: None)
        self._connection.ask(call, SHORTLY)

    def create_event(self, seats_total: int, profile: Profile) -> None:
        """Make a test event of this size, which nobody can take for one that is for real."""
        body = {
            "eventId": self._event_id,
            "name": "Rehearsal",
            "totalSeats": seats_total,
            "seatsPerReservationMax": max(profile.group_sizes),
            "openHoldsPerPartnerMax": profile.wishes,
            "isTest": True,
        }
        call = Call(
            method="POST",
            path="/events",
            read=as_event,
            body=body,
            idempotency_key=f"{self.run}-event",
        )
        self._connection.ask(call, OPERATING)

    def event(self) -> EventSummary:
        """The event as it stands."""
        return self._calls.read("", as_event)

    def ledger(self, after: int, up_to: int) -> list[LedgerEntry]:
        """All entries behind a version, up to another one."""
        entries: list[LedgerEntry] = []
        while after < up_to:
            page = self._calls.entries_after(after, 0, OPERATOR_SECONDS_MAX)
            if not page:
                break
            entries += page
            after = page[-1].version
        return [entry for entry in entries if entry.version <= up_to]

    def audit(self) -> list[str] | None:
        """What a replay of the ledger finds wrong; None if it is too long for that over HTTP."""
        try:
            document = self._calls.read("/audit", lambda answer: answer.document)
        except AuditTooLarge:
            return None
        differences: list[Any] = document["differences"]
        return [str(difference) for difference in differences]

    def check_partner_keys(self) -> None:
        """Look at the event with each: a wrong key is a mistake to hear of before the drop."""
        for connection in self._partners:
            EventCalls(connection, self._event_id, OPERATING).read("", as_event)

    def partners(self, profile: Profile) -> list[Partner]:
        """Those who reserve: with a key each, or all with the operator's and made-up ids."""
        patience = one_try(profile.timeout_seconds)
        connections = self._partners or [self._connection]
        ways = [EventCalls(each, self._event_id, patience) for each in connections]
        return [
            Partner(
                calls=ways[number % len(ways)],
                partner_id=None if self._partners else f"rehearsal-{number + 1:04}",
                run=self.run,
                hold_seconds=profile.hold_seconds,
                patience=patience,
            )
            for number in range(profile.partners)
        ]

    def close(self) -> None:
        """Close all connections to the server."""
        for connection in (self._connection, *self._partners):
            connection.close()
