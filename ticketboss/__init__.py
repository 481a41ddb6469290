"""TicketBoss: seat reservations for ticket drops, over HTTP, never over-sold."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def create_app(settings: Any = None) -> Any:
    """Build the WSGI application; see `ticketboss.app.create_app`, which has the types.

    Partners have this file and `ticketboss.client` alone: nothing here, not even an annotation,
    may need the server.
    """
    return import_module("ticketboss.app").create_app(settings)
