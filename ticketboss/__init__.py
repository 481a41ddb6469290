"""TicketBoss: seat reservations for ticket drops, over HTTP, never over-sold."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from ticketboss.config import Settings

__version__ = "0.1.0"


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Build the WSGI application; see `ticketboss.app.create_app`."""
    # Imported late: the domain, the command line and the client need no web framework.
    from ticketboss.app import create_app as assemble

    return assemble(settings)
