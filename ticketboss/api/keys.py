"""API keys: operators issue, list and revoke them."""

from flask import Blueprint, Response

from ticketboss.api.bodies import load
from ticketboss.api.context import operator, services
from ticketboss.api.operations import operation
from ticketboss.api.operator_answers import KeyPageAnswer, NewKeyAnswer
from ticketboss.api.paging import page_answer
from ticketboss.api.problems import Problem
from ticketboss.api.queries import PageQuery
from ticketboss.api.rendering import answer, empty_answer
from ticketboss.api.schemas import KeyBody
from ticketboss.api.scopes import needs
from ticketboss.documents import key_document
from ticketboss.engine.administration import UnknownKey

blueprint = Blueprint("keys", __name__)

KEY_BODY = KeyBody()


@blueprint.post("/keys")
@needs("live operator key")
@operation("createKey", (201, NewKeyAnswer), takes=KeyBody, refuses=("outcome_unknown",))
def create() -> Response:
    """Make a key; this answer is the only one that has it."""
    body = load(KEY_BODY)
    issued = services().administration.issue_key(
        operator(), body["partner_id"], body["is_test"], body["partner_name"]
    )
    document = key_document(issued.key) | {"key": issued.secret}
    return answer(document, 201, Cache_Control="no-store")


@blueprint.get("/keys")
@needs("live operator key")
@operation("listKeys", (200, KeyPageAnswer), query=PageQuery, headers=("Link",))
def list_keys() -> Response:
    """All keys in the order of their making, revoked ones too."""
    access = services().repository.access
    return page_answer(
        "keys",
        lambda cursor, limit: access.keys(cursor or "", limit),
        lambda key: key.key_id,
        key_document,
    )


@blueprint.delete("/keys/<key_id>")
@needs("live operator key")
@operation("revokeKey", (204, None), refuses=("key_not_found", "outcome_unknown"))
def revoke(key_id: str) -> Response:
    """End a key's life within a second; once more changes nothing."""
    try:
        services().administration.revoke_key(operator(), key_id)
    except UnknownKey:
        raise Problem("key_not_found") from None
    return empty_answer()
