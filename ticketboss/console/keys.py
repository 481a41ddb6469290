"""API keys: look at them, issue and revoke them."""

import re
from collections.abc import Mapping

from flask import Blueprint, Response

from ticketboss.api.bodies import validated
from ticketboss.api.context import operator, services
from ticketboss.api.operations import page as page_operation
from ticketboss.api.paging import query
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.api.problems import Problem
from ticketboss.api.schemas import KeyBody
from ticketboss.api.scopes import needs
from ticketboss.console.forms import Field, document_of, errors_of, facts_of, sent_form
from ticketboss.console.pages import HOME, page, see
from ticketboss.console.queries import PagedQuery
from ticketboss.engine.administration import KeyIssued, UnknownKey
from ticketboss.engine.ids import new_id

blueprint = Blueprint("keys", __name__)

PAGED_QUERY, KEY_BODY = PagedQuery(), KeyBody()
KEYS_ON_PAGE_MAX = 50
KEYS = f"{HOME}keys"
# As `new_id` makes them: the page that asks once more has made it, so a form that is sent twice
# issues one key.
KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FIELDS = (
    Field(
        "scope",
        "Whose key it is",
        "choice",
        is_required=True,
        options=(("partner", "A partner's"), ("operator", "An operator's")),
    ),
    Field("partnerId", "Partner's id", hint="Only for a partner's key"),
    Field("partnerName", "Partner's name", hint="Only for a partner's key; may be left empty"),
    Field("isTest", "A test key, for test events alone", "flag"),
)


@blueprint.get("/keys")
@needs("live operator session")
@page_operation("showKeys")
def show() -> Response:
    """Keys in the order of their making, revoked ones too."""
    cursor = query(PAGED_QUERY)["cursor"]
    found = services().repository.access.keys(cursor, KEYS_ON_PAGE_MAX + 1)
    shown = found[:KEYS_ON_PAGE_MAX]
    following = shown[-1].key_id if len(found) > len(shown) else None
    return page("keys.html", keys=shown, next_cursor=following)


@blueprint.get("/new-key")
@needs("live operator session")
@page_operation("showNewKey")
def show_new() -> Response:
    """The form for a new key."""
    return _new_page({})


@blueprint.post("/new-key")
@needs("live operator session")
@page_operation("issueKeyOnPage")
def issue() -> Response:
    """Show what would be issued, and once that is confirmed the key, this once."""
    sent = sent_form()
    if "back" in sent:
        return _new_page(sent)
    try:
        body = validated(KEY_BODY, document_of(FIELDS, sent))
    except Problem as problem:
        return _new_page(sent, problem)
    if "confirmed" not in sent:
        return page(
            "confirm.html",
            title="Issue this key?",
            facts=facts_of(FIELDS, sent),
            sent=sent,
            once=new_id(),
            button="Issue the key",
        )
    key_id = sent.get("once", "")
    if not KEY_ID.fullmatch(key_id):
        raise Problem("bad_request", "The form could not be read.")
    try:
        issued = services().administration.issue_key(
            operator(), body["partner_id"], body["is_test"], body["partner_name"], key_id
        )
    except KeyIssued:
        return see(KEYS, "issued")
    return page("issued_key.html", shows_key=True, issued=issued)


@blueprint.get("/keys/<key_id>/revoke")
@needs("live operator session")
@page_operation("showRevoke")
def show_revoke(key_id: str) -> Response:
    """Whether to revoke a key."""
    return page(
        "confirm.html",
        title="Revoke this key?",
        text="Within a second it works nowhere. That cannot be undone; whoever signed in with it "
        "is signed out.",
        facts=[("Key", key_id)],
        button="Revoke the key",
        back=KEYS,
    )


@blueprint.post("/keys/<key_id>/revoke")
@needs("live operator session")
@page_operation("revokeKeyOnPage")
def revoke(key_id: str) -> Response:
    """End a key's life."""
    sent_form()
    try:
        services().administration.revoke_key(operator(), key_id)
    except UnknownKey:
        raise Problem("key_not_found") from None
    return see(KEYS, "revoked")


def _new_page(values: Mapping[str, str], problem: Problem | None = None) -> Response:
    kind = None if problem is None else PROBLEMS[problem.code]
    return page(
        "form.html",
        200 if kind is None else kind.status,
        title="New API key",
        fields=FIELDS,
        values=values,
        kind=kind,
        problem=problem,
        errors={} if problem is None else errors_of(problem),
        button="Go on",
        back=KEYS,
    )
