"""What a handler needs of the running application."""

from collections.abc import Callable
from typing import cast

from flask import current_app

from ticketboss.api.problems import Problem
from ticketboss.domain.commands import Command
from ticketboss.engine.answers import Accepted
from ticketboss.services import Services

EXTENSION = "ticketboss"
DRAINING = "ticketboss.draining"


def services() -> Services:
    """The parts that this process was put together from."""
    return cast(Services, current_app.extensions[EXTENSION])


def submit(command: Command) -> Accepted:
    """Have the engine decide and commit a command."""
    return services().committer.submit(command)


def event_or_default(event_id: str | None) -> str:
    """The event of the URL; the short URLs name none and mean the default event."""
    known = event_id or services().settings.default_event
    if not known:
        raise Problem("event_not_found")
    return known


def is_draining() -> bool:
    """Whether this worker was told to stop; the server tells by a function in `extensions`."""
    draining: Callable[[], bool] | None = current_app.extensions.get(DRAINING)
    return draining is not None and draining()
