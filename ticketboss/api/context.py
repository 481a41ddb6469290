"""What a handler needs of the running application."""

from collections.abc import Callable
from typing import Any, cast

from flask import current_app, request

from ticketboss.api.auth import Admission
from ticketboss.api.preconditions import expected_versions, idempotency_key
from ticketboss.api.problems import Problem
from ticketboss.domain.access import Caller
from ticketboss.domain.commands import OPERATOR_IN_OPEN_MODE, Command
from ticketboss.domain.events import Event
from ticketboss.engine.answers import Accepted
from ticketboss.engine.feed import FEED_WAITERS_MAX
from ticketboss.services import Services

EXTENSION = "ticketboss"
DRAINING = "ticketboss.draining"
METRICS = "ticketboss.metrics"
BOUND_TO_LOOPBACK = "ticketboss.bound_to_loopback"
REQUESTS_AT_ONCE = "ticketboss.requests_at_once"
AUTHENTICATOR = "ticketboss.authenticator"
SESSIONS = "ticketboss.sessions"
# Of the request's environment, so that the log line behind it has it too.
CALLER = "ticketboss.caller"
# What has admitted the request, so that it can be asked once more.
ADMISSION = "ticketboss.admission"


def services() -> Services:
    """The parts that this process was put together from."""
    return cast(Services, current_app.extensions[EXTENSION])


def caller() -> Caller:
    """Who sent the request that is being answered."""
    return cast(Caller, request.environ[CALLER])


def admitted_again() -> None:
    """Raise Problem if the caller would no longer be admitted, where that is asked at all."""
    admission: Admission | None = request.environ.get(ADMISSION)
    if admission is not None:
        admission.caller(request.environ)


def operator() -> str:
    """The operator who sent the request, as the ledger and the admin log name them."""
    return caller().actor or OPERATOR_IN_OPEN_MODE


def own_partner(named: str | None, is_needed: bool = False) -> str | None:
    """The partner that a request is about: the key's, or whoever it names.

    Raises Problem when a partner's key names another, and if it `is_needed` when nobody is named.
    """
    own = caller().partner_id
    if own is None:
        if named is None and is_needed:
            raise Problem("invalid_request", errors=[("partnerId", "Say for which partner.")])
        return named
    if named not in (None, own):
        raise Problem("partner_mismatch")
    return own


def asked() -> dict[str, Any]:
    """What every command takes from its request: who asks, and under which conditions."""
    environ = request.environ
    by: Caller = environ[CALLER]
    return {
        "actor": by.actor,
        "for_test": by.for_test,
        "idempotency_key": idempotency_key(environ),
        "expected_versions": expected_versions(environ),
    }


def submit(command: Command) -> Accepted:
    """Have the engine decide and commit a command."""
    return services().committer.submit(command)


def readable_event(event_id: str) -> Event:
    """An event as it stands. Raises Problem if there is none, or none for the caller's key."""
    event = services().repository.event(event_id)
    if event is None:
        raise Problem("event_not_found")
    if caller().for_test not in (None, event.is_test):
        raise Problem("test_key", event_is_test=event.is_test)
    return event


def event_or_default(event_id: str | None) -> str:
    """The event of the URL; the short URLs name none and mean the default event."""
    known = event_id or services().settings.default_event
    if not known:
        raise Problem("event_not_found")
    return known


def draining_check() -> Callable[[], bool]:
    """Tells whether this worker was told to stop; the server puts it into `extensions`."""
    check: Callable[[], bool] | None = current_app.extensions.get(DRAINING)
    return check or (lambda: False)


def waiting_places() -> int:
    """How many requests may wait in this worker: at most half of those that it does at once.

    The server puts that number into `extensions`; where none does, nobody waits.
    """
    at_once: int = current_app.extensions.get(REQUESTS_AT_ONCE, 1)
    return min(FEED_WAITERS_MAX, at_once // 2)
