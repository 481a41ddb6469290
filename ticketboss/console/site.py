"""All pages together, under /console/."""

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from ticketboss.api.context import CALLER
from ticketboss.api.operations import HTML, operation_of
from ticketboss.api.problems import http_error
from ticketboss.console import (
    assets,
    event,
    event_actions,
    events,
    keys,
    partners,
    reservations,
    sign_in,
    words,
)
from ticketboss.console.pages import HOME, answer_error, keep_session, set_cookies

blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")

for part in (assets, event, event_actions, events, keys, partners, reservations, sign_in):
    blueprint.register_blueprint(part.blueprint)
blueprint.register_error_handler(Exception, answer_error)


@blueprint.app_errorhandler(NotFound)
def _no_such_page(error: NotFound) -> Response:
    # Where there is no route there is no blueprint whose handler it would be.
    return answer_error(error) if request.path.startswith(HOME) else http_error(error)


@blueprint.before_request
def _note_sign_of_life() -> None:
    # What an open page asks for by itself does not keep its session alive.
    view = current_app.view_functions[str(request.endpoint)]
    if operation_of(view).gives[1] == HTML:
        keep_session()


@blueprint.after_request
def _with_cookies(response: Response) -> Response:
    return set_cookies(response)


@blueprint.context_processor
def _words() -> dict[str, object]:
    found = request.environ.get(CALLER)
    return {"words": words, "is_test_operator": found is not None and found.for_test is True}
