"""Whether this worker is alive, and whether it should get requests."""

from flask import Blueprint, Response

from ticketboss.api.answers import StatusAnswer
from ticketboss.api.context import draining_check, services
from ticketboss.api.operations import operation
from ticketboss.api.problems import Problem
from ticketboss.api.rendering import answer
from ticketboss.api.scopes import needs
from ticketboss.repository.interface import StorageUnavailable

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@needs("nothing")
@operation("checkAlive", (200, StatusAnswer))
def alive() -> Response:
    """The process answers; says nothing about the database."""
    return answer({"status": "alive"}, 200, Cache_Control="no-store")


@blueprint.get("/readyz")
@needs("nothing")
@operation("checkReady", (200, StatusAnswer), refuses=("not_ready",))
def ready() -> Response:
    """The database is reachable, migrated and safe, and this worker is not stopping."""
    if draining_check()():
        raise Problem("not_ready", "This worker is stopping.")
    try:
        services().repository.check()
    except StorageUnavailable as error:
        raise Problem("not_ready", str(error)) from None
    return answer({"status": "ready"}, 200, Cache_Control="no-store")
