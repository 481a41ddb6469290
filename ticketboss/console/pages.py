"""What all pages share: how they are rendered, and what becomes of errors."""

from typing import Any, cast
from urllib.parse import quote

from flask import Response, current_app, render_template, request

from ticketboss.api import content_security
from ticketboss.api.context import SESSIONS
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.api.problems import UNEXPECTED, log_failure, problem_of, problem_response
from ticketboss.console.sessions import (
    COOKIE,
    SESSION,
    VISITOR_COOKIE,
    SessionAdmission,
    is_behind_tls,
    new_nonce,
)
from ticketboss.domain.api_keys import without_api_keys

HOME = "/console/"
SIGN_IN = "/console/sign-in"
NEW_VISITOR = "ticketboss.new_visitor"
# What can be said above a page after a redirect; the query names one of these and no text.
DONE = {
    "created": "The event was created.",
    "changed": "The settings were changed.",
    "unchanged": "Nothing was changed: no setting was edited.",
    "paused": "You have paused the sale.",
    "resumed": "You have resumed the sale.",
    "cancelled": "The reservation was cancelled, and its seats were given back.",
    "frozen": "You have frozen the partner: it changes nothing until somebody unfreezes it.",
    "unfrozen": "You have unfrozen the partner.",
    "issued": "It was issued before, and is shown once. If it is lost, revoke it, issue another.",
    "revoked": "The key was revoked: it works nowhere within a second.",
    "signed-out": "You have signed out.",
}
HEADERS = {
    content_security.HEADER: content_security.CONSOLE,
    "Cache-Control": "no-store",
    # Whole within the server, or a form would come without its origin; nothing to others.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def admission() -> SessionAdmission:
    """What lets browsers in."""
    return cast(SessionAdmission, current_app.extensions[SESSIONS])


def page(template: str, status: int = 200, *, shows_key: bool = False, **values: Any) -> Response:
    """A page of the console; only one that `shows_key` has more than the beginning of any key.

    What was typed in the wrong place stands on the page again.
    """
    html = render_template(
        f"console/{template}",
        form_token=form_token,
        is_open=admission().authenticator.is_open,
        done=DONE.get(request.args.get("done", "")),
        **values,
    )
    shown = html if shows_key else without_api_keys(html)
    return Response(shown, status, HEADERS, content_type="text/html; charset=utf-8")


def see(url: str, done: str | None = None) -> Response:
    """Send the browser on to a page of ours, which says what was done."""
    location = url if done is None else f"{url}?done={done}"
    return Response("", 303, {**HEADERS, "Location": without_api_keys(location)})


def form_token() -> str:
    """What a form on the page that is being rendered must bring along."""
    environ = request.environ
    nonce = admission().nonce(environ) or environ.setdefault(NEW_VISITOR, new_nonce())
    return admission().sessions.form_token(nonce)


def answer_error(error: Exception) -> Response:
    """A page that says what went wrong; programs of the pages get it as a problem document."""
    problem = problem_of(error)
    if problem.code == UNEXPECTED or PROBLEMS[problem.code].status == 503:
        log_failure(error)
    if request.accept_mimetypes.best == "application/json":
        return problem_response(problem)
    if problem.code == "key_required" and request.method in ("GET", "HEAD"):
        return see(f"{SIGN_IN}?next={quote(request.full_path.rstrip('?'))}")
    kind = PROBLEMS[problem.code]
    response = page("problem.html", kind.status, kind=kind, problem=problem)
    response.headers.extend(problem.headers)
    return response


def set_cookies(response: Response) -> Response:
    """Keep a session alive that is in use, and have a visitor's forms known again."""
    environ = request.environ
    session = environ.get(SESSION)
    if session is not None:
        set_cookie(response, COOKIE, admission().sessions.sealed(session))
    elif NEW_VISITOR in environ:
        set_cookie(response, VISITOR_COOKIE, environ[NEW_VISITOR])
    return response


def set_cookie(response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """Set a cookie that scripts do not see and that other sites' pages do not send."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/console",
        secure=is_behind_tls(request.environ),
        httponly=True,
        samesite="Strict",
    )


def keep_session() -> None:
    """Count this request as a sign of life of its session; what a page asks by itself is none."""
    session = admission().session(request.environ)
    if session is not None:
        request.environ[SESSION] = admission().sessions.seen_again(session)
