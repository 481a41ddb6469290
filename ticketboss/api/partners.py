"""Partners: operators list, freeze and unfreeze them."""

import re

from flask import Blueprint, Response

from ticketboss.api.bodies import load
from ticketboss.api.context import operator, services
from ticketboss.api.operations import operation
from ticketboss.api.operator_answers import PartnerAnswer, PartnerPageAnswer
from ticketboss.api.paging import page_answer
from ticketboss.api.problems import Problem
from ticketboss.api.queries import PageQuery
from ticketboss.api.rendering import answer
from ticketboss.api.schemas import FreezeBody
from ticketboss.api.scopes import needs
from ticketboss.documents import partner_document
from ticketboss.domain.access import PartnerStanding
from ticketboss.domain.reservations import PARTNER_ID_PATTERN
from ticketboss.engine.administration import UnknownPartner

blueprint = Blueprint("partners", __name__)

FREEZE_BODY = FreezeBody()


@blueprint.get("/partners")
@needs("live operator key")
@operation("listPartners", (200, PartnerPageAnswer), query=PageQuery, headers=("Link",))
def list_partners() -> Response:
    """All partners that have or had a key, or were frozen."""
    access = services().repository.access
    return page_answer(
        "partners",
        lambda cursor, limit: access.partners(cursor or "", limit),
        lambda standing: standing.partner.partner_id,
        partner_document,
    )


@blueprint.post("/partners/<partner_id>/freeze")
@needs("live operator key")
@operation(
    "freezePartner",
    (200, PartnerAnswer),
    takes=FreezeBody,
    refuses=("partner_not_found", "outcome_unknown"),
)
def freeze(partner_id: str) -> Response:
    """Have a partner change nothing from now on, and keep or release its holds."""
    body = load(FREEZE_BODY)
    if not re.fullmatch(PARTNER_ID_PATTERN, partner_id):
        raise Problem("partner_not_found")
    return _answer(services().administration.freeze(operator(), partner_id, body["holds"]))


@blueprint.post("/partners/<partner_id>/unfreeze")
@needs("live operator key")
@operation(
    "unfreezePartner", (200, PartnerAnswer), refuses=("partner_not_found", "outcome_unknown")
)
def unfreeze(partner_id: str) -> Response:
    """Let a partner go on."""
    try:
        standing = services().administration.unfreeze(operator(), partner_id)
    except UnknownPartner:
        raise Problem("partner_not_found") from None
    return _answer(standing)


def _answer(standing: PartnerStanding) -> Response:
    return answer(partner_document(standing), 200, Cache_Control="no-store")
