"""`keys ...`: create, list and revoke."""

import click

from ticketboss.cli.common import as_json, checked, fail, paged, ready_services, show
from ticketboss.documents import key_document
from ticketboss.domain.access import PARTNER_NAME_LENGTH_MAX
from ticketboss.domain.commands import OPERATOR_AT_COMMAND_LINE
from ticketboss.domain.reservations import PARTNER_ID_PATTERN
from ticketboss.engine.administration import UnknownKey

partner_id_check = checked(PARTNER_ID_PATTERN, "must be 1 to 64 letters, digits or any of . _ : -")


@click.group()
def keys() -> None:
    """Create API keys, list them and revoke them."""


def _name(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    if not (value.strip() and value.isprintable() and len(value) <= PARTNER_NAME_LENGTH_MAX):
        raise click.BadParameter(f"must be 1 to {PARTNER_NAME_LENGTH_MAX} printable characters")
    return value


@keys.command("create")
@click.option("--partner", "partner_id", callback=partner_id_check, help="Whose key it is.")
@click.option("--partner-name", callback=_name, help="What people call the partner.")
@click.option("--operator", "is_operator", is_flag=True, help="A key to operate with instead.")
@click.option("--test", "is_test", is_flag=True, help="For test events only.")
@as_json
def create_key(
    partner_id: str | None,
    partner_name: str | None,
    is_operator: bool,
    is_test: bool,
    as_json: bool,
) -> None:
    """Make a key and show it, this once."""
    if is_operator == (partner_id is not None):
        raise click.UsageError("Give either --partner ID or --operator.")
    if is_operator and partner_name is not None:
        raise click.UsageError("--partner-name goes with --partner.")
    issued = ready_services().administration.issue_key(
        OPERATOR_AT_COMMAND_LINE, partner_id, is_test, partner_name
    )
    lines = [
        issued.secret,
        f"Its id is {issued.key.key_id}.",
        "Keep the key now: it is not shown again.",
    ]
    show(key_document(issued.key) | {"key": issued.secret}, lines, as_json)


@keys.command("list")
@as_json
def list_keys(as_json: bool) -> None:
    """Show all keys, revoked ones too, without their secrets."""
    access = ready_services().repository.access
    found = list(paged(access.keys, lambda key: key.key_id))
    lines = [
        f"{key.key_id}  {key.prefix}...  {key.partner_id or 'operator'}"
        f"{', test' if key.is_test else ''}{', revoked' if key.revoked_at else ''}"
        for key in found
    ]
    show({"keys": [key_document(key) for key in found]}, lines or ["No keys."], as_json)


@keys.command("revoke")
@click.argument("key_id", metavar="ID")
@as_json
def revoke_key(key_id: str, as_json: bool) -> None:
    """End a key's life; running servers refuse it within a second."""
    try:
        key = ready_services().administration.revoke_key(OPERATOR_AT_COMMAND_LINE, key_id)
    except UnknownKey:
        fail(f"Key {key_id}: There is no such key; see 'keys list'.", "key_not_found", as_json)
    what = "was revoked before" if key.revoked_at else "is revoked"
    show({"keyId": key_id, "revoked": True}, [f"Key {key_id} {what}."], as_json)
