"""`partners ...`: list, freeze and unfreeze; and `admin-log`."""

from typing import Literal

import click

from ticketboss.cli.common import as_json, fail, paged, ready_services, show
from ticketboss.cli.keys import partner_id_check
from ticketboss.documents import log_document, partner_document
from ticketboss.domain.access import PartnerStanding
from ticketboss.domain.commands import OPERATOR_AT_COMMAND_LINE
from ticketboss.engine.administration import UnknownPartner
from ticketboss.formats import rfc3339

LOG_LINES_MAX = 1_000


@click.group()
def partners() -> None:
    """List partners, freeze and unfreeze them."""


one_partner = click.argument("partner_id", metavar="ID", callback=partner_id_check)


@partners.command("list")
@as_json
def list_partners(as_json: bool) -> None:
    """Show all partners that have or had a key, or were frozen."""
    access = ready_services().repository.access
    found = list(paged(access.partners, lambda standing: standing.partner.partner_id))
    documents = [partner_document(standing) for standing in found]
    show({"partners": documents}, [_line(each) for each in found] or ["No partners."], as_json)


@partners.command("freeze")
@one_partner
@click.option(
    "--holds",
    type=click.Choice(["keep", "release"]),
    required=True,
    help="What becomes of the partner's open holds.",
)
@as_json
def freeze_partner(partner_id: str, holds: Literal["keep", "release"], as_json: bool) -> None:
    """Have a partner change nothing from now on, without touching its reservations."""
    administration = ready_services().administration
    standing = administration.freeze(OPERATOR_AT_COMMAND_LINE, partner_id, holds)
    show(partner_document(standing), [_line(standing)], as_json)


@partners.command("unfreeze")
@one_partner
@as_json
def unfreeze_partner(partner_id: str, as_json: bool) -> None:
    """Let a partner go on."""
    try:
        standing = ready_services().administration.unfreeze(OPERATOR_AT_COMMAND_LINE, partner_id)
    except UnknownPartner:
        reason = "There is no such partner; see 'partners list'."
        fail(f"Partner {partner_id}: {reason}", "partner_not_found", as_json)
    show(partner_document(standing), [_line(standing)], as_json)


@click.command("admin-log")
@click.option("--limit", type=click.IntRange(1, LOG_LINES_MAX), default=50, show_default=True)
@as_json
def admin_log(limit: int, as_json: bool) -> None:
    """Show who decided what about keys and partners, the latest first."""
    found = ready_services().repository.access.admin_log(None, limit)
    lines = [
        f"{rfc3339(line.at)}  {line.actor}  {line.action}  "
        + " ".join(f"{name}={value}" for name, value in line.detail.items() if value is not None)
        for line in found
    ]
    show({"lines": [log_document(line) for line in found]}, lines or ["No lines."], as_json)


def _line(standing: PartnerStanding) -> str:
    state = "not frozen"
    if standing.partner.frozen:
        does = "are released" if standing.partner.release_holds else "stay"
        state = f"frozen, holds {does}"
    return (
        f"{standing.partner.partner_id}  {state}, {standing.live_keys} live keys, "
        f"{standing.open_holds} open holds"
    )
