"""The admin log: who decided what about keys and partners."""

from flask import Blueprint, Response

from ticketboss.api.context import services
from ticketboss.api.operations import operation
from ticketboss.api.operator_answers import LogPageAnswer
from ticketboss.api.paging import page_answer
from ticketboss.api.queries import PageQuery
from ticketboss.api.scopes import needs
from ticketboss.documents import log_document

blueprint = Blueprint("admin_log", __name__)


@blueprint.get("/admin-log")
@needs("live operator key")
@operation("readAdminLog", (200, LogPageAnswer), query=PageQuery, headers=("Link",))
def show() -> Response:
    """The latest lines first."""
    return page_answer(
        "lines",
        services().repository.access.admin_log,
        lambda line: line.log_id,
        log_document,
    )
