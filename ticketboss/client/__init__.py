"""The partner's Python client: `Client`, what it gives back, and `errors`.

It needs `requests` and nothing else of TicketBoss: no web framework, no database.
"""

from ticketboss.client import errors
from ticketboss.client.books import Believed, Differences
from ticketboss.client.bulk import BulkItem, BulkResult
from ticketboss.client.client import Client
from ticketboss.client.documents import EventSummary, LedgerEntry, Reservation
from ticketboss.client.holds import Hold
from ticketboss.client.problems import OutcomeUnknown, TicketBossError

__all__ = [
    "Believed",
    "BulkItem",
    "BulkResult",
    "Client",
    "Differences",
    "EventSummary",
    "Hold",
    "LedgerEntry",
    "OutcomeUnknown",
    "Reservation",
    "TicketBossError",
    "errors",
]
