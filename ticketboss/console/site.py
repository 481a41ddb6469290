"""All pages together, under /console/."""

from flask import Blueprint, Response, current_app, request

from ticketboss.api.operations import HTML, operation_of
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
from ticketboss.console.pages import answer_error, keep_session, set_cookies

blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")

for part in (assets, event, event_actions, events, keys, partners, reservations, sign_in):
    blueprint.register_blueprint(part.blueprint)
blueprint.register_error_handler(Exception, answer_error)


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
    return {"words": words}
