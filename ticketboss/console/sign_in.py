"""Signing in with an operator's key, and out again."""

import re

from flask import Blueprint, Response, request

from ticketboss.api.operations import page as page_operation
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.api.problems import Problem
from ticketboss.api.scopes import needs
from ticketboss.console.forms import sent_form
from ticketboss.console.pages import HOME, SIGN_IN, admission, page, see, set_cookie
from ticketboss.console.sessions import (
    COOKIE,
    SESSION,
    SESSION_IDLE_SECONDS_MAX,
    SESSION_SECONDS_MAX,
)
from ticketboss.engine.keys import hashed

blueprint = Blueprint("sign_in", __name__)

# Nowhere but to our own pages.
NEXT = re.compile(r"/console/[A-Za-z0-9._:/?=&%-]{0,500}")


@blueprint.get("/sign-in")
@needs("nothing")
@page_operation("showSignIn")
def show() -> Response:
    """The form for a key; whoever needs none goes on at once."""
    following = _following(request.args.get("next", ""))
    if admission().authenticator.is_open:
        return see(following)
    return _page(following)


@blueprint.post("/sign-in")
@needs("nothing")
@page_operation("signIn")
def sign_in() -> Response:
    """Begin a session; a wrong key counts as it does in any request."""
    if admission().authenticator.is_open:
        return see(HOME)
    sent = sent_form()
    following = _following(sent.get("next", ""))
    secret = sent.get("key", "").strip()
    try:
        _check_key(secret)
    except Problem as problem:
        return _page(following, problem)
    request.environ[SESSION] = admission().sessions.start(hashed(secret))
    return see(following)


@blueprint.post("/sign-out")
@needs("operator session")
@page_operation("signOut")
def sign_out() -> Response:
    """End the session in this browser."""
    sent_form()
    response = see(SIGN_IN, "signed-out")
    request.environ[SESSION] = None
    set_cookie(response, COOKIE, "", max_age=0)
    return response


def _page(following: str, problem: Problem | None = None) -> Response:
    kind = None if problem is None else PROBLEMS[problem.code]
    answer = page(
        "sign_in.html",
        200 if kind is None else kind.status,
        following=following,
        kind=kind,
        problem=problem,
        idle_hours=SESSION_IDLE_SECONDS_MAX // 3_600,
        hours=SESSION_SECONDS_MAX // 3_600,
    )
    answer.headers.extend({} if problem is None else problem.headers)
    return answer


def _check_key(secret: str) -> None:
    key = admission().authenticator.key_of(secret, request.environ)
    if key.partner_id is not None:
        raise Problem("wrong_scope", "The console is for operators; this is a partner's key.")


def _following(asked: str) -> str:
    return asked if NEXT.fullmatch(asked) else HOME
