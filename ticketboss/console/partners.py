"""Partners: look at them, freeze them, let them go on."""

import re

from flask import Blueprint, Response

from ticketboss.api.bodies import validated
from ticketboss.api.context import operator, services
from ticketboss.api.operations import page as page_operation
from ticketboss.api.paging import query
from ticketboss.api.problems import Problem
from ticketboss.api.schemas import FreezeBody
from ticketboss.api.scopes import needs
from ticketboss.console.forms import sent_form
from ticketboss.console.pages import HOME, page, see
from ticketboss.console.queries import PagedQuery
from ticketboss.domain.reservations import PARTNER_ID_PATTERN
from ticketboss.engine.administration import UnknownPartner

blueprint = Blueprint("partners", __name__)

PAGED_QUERY, FREEZE_BODY = PagedQuery(), FreezeBody()
PARTNERS_ON_PAGE_MAX = 50
PARTNERS = f"{HOME}partners"
HOLDS = (
    ("keep", "Keep its holds until they expire"),
    ("release", "Release its holds now, so that others can have the seats"),
)


@blueprint.get("/partners")
@needs("live operator session")
@page_operation("showPartners")
def show() -> Response:
    """Partners in the order of their ids."""
    cursor = query(PAGED_QUERY)["cursor"]
    found = services().repository.access.partners(cursor, PARTNERS_ON_PAGE_MAX + 1)
    shown = found[:PARTNERS_ON_PAGE_MAX]
    following = shown[-1].partner.partner_id if len(found) > len(shown) else None
    return page("partners.html", standings=shown, next_cursor=following)


@blueprint.get("/partners/<partner_id>/freeze")
@needs("live operator session")
@page_operation("showFreeze")
def show_freeze(partner_id: str) -> Response:
    """Whether to freeze a partner, and what becomes of its holds."""
    standing = services().repository.access.partner(_known_id(partner_id))
    facts = (
        []
        if standing is None
        else [
            ("Name", standing.partner.name),
            ("Live keys", str(standing.live_keys)),
            ("Open holds", str(standing.open_holds)),
        ]
    )
    return page(
        "confirm.html",
        title=f"Freeze {partner_id}?",
        text="It can reserve, change, confirm and cancel nothing until it is unfrozen; it can "
        "still read.",
        facts=facts,
        choice=("holds", "Its open holds", HOLDS),
        button="Freeze the partner",
        back=PARTNERS,
    )


@blueprint.post("/partners/<partner_id>/freeze")
@needs("live operator session")
@page_operation("freezeOnPage")
def freeze(partner_id: str) -> Response:
    """Have a partner change nothing from now on."""
    sent = sent_form()
    body = validated(FREEZE_BODY, {name: sent[name] for name in ("holds",) if name in sent})
    services().administration.freeze(operator(), _known_id(partner_id), body["holds"])
    return see(PARTNERS, "frozen")


@blueprint.get("/partners/<partner_id>/unfreeze")
@needs("live operator session")
@page_operation("showUnfreeze")
def show_unfreeze(partner_id: str) -> Response:
    """Whether to let a partner go on."""
    return page(
        "confirm.html",
        title=f"Unfreeze {_known_id(partner_id)}?",
        text="It can reserve, change, confirm and cancel again.",
        button="Unfreeze the partner",
        back=PARTNERS,
    )


@blueprint.post("/partners/<partner_id>/unfreeze")
@needs("live operator session")
@page_operation("unfreezeOnPage")
def unfreeze(partner_id: str) -> Response:
    """Let a partner go on."""
    sent_form()
    try:
        services().administration.unfreeze(operator(), partner_id)
    except UnknownPartner:
        raise Problem("partner_not_found") from None
    return see(PARTNERS, "unfrozen")


def _known_id(partner_id: str) -> str:
    if not re.fullmatch(PARTNER_ID_PATTERN, partner_id):
        raise Problem("partner_not_found")
    return partner_id
