"""Operator commands. Each prints for people, or one JSON object with `--json`."""

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

import click

from ticketboss import __version__
from ticketboss.config import BadSettings, env_name, load_settings
from ticketboss.domain.commands import CreateEvent
from ticketboss.domain.events import (
    EVENT_ID_PATTERN,
    EVENT_NAME_LENGTH_MAX,
    SEATS_PER_RESERVATION_DEFAULT,
    TOTAL_SEATS_MAX,
    Event,
    is_event_name,
)
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.engine.verifier import Verification, Verifier
from ticketboss.naming import camel_keys
from ticketboss.repository.interface import OutcomeUnknown, SchemaMismatch, StorageUnavailable
from ticketboss.services import Services, open_services

PAGE_EVENTS = 100
ERROR_CODES: Mapping[type[Exception], str] = {
    BadSettings: "bad_settings",
    StorageUnavailable: "storage_unavailable",
    SchemaMismatch: "schema_mismatch",
    Overloaded: "overloaded",
    OutcomeUnknown: "outcome_unknown",
}


def _remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    ctx.find_root().meta["as_json"] = value
    return value


as_json = click.option(
    "--json",
    "as_json",
    is_flag=True,
    is_eager=True,
    callback=_remember,
    help="Print one JSON object.",
)


class Commands(click.Group):
    """Turns our errors into one clear message and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (BadSettings, StorageUnavailable, Overloaded, OutcomeUnknown) as error:
            _fail(str(error), ERROR_CODES[type(error)], ctx.find_root().meta.get("as_json", False))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ticketboss")
def main() -> None:
    """Operate TicketBoss. Settings come from the environment; see the README."""


@main.command()
@as_json
def settings(as_json: bool) -> None:
    """Check the settings and print those in force."""
    found = dataclasses.asdict(load_settings())
    values = {env_name(setting): value for setting, value in found.items()}
    lines = [f"{name} = {value}" for name, value in values.items()]
    _print(values, lines, as_json)


@main.command()
@as_json
def migrate(as_json: bool) -> None:
    """Bring the database up to date and create the default event if it is missing."""
    services = open_services(load_settings())
    applied = services.repository.migrate()
    created = _create_default_event(services)
    warnings = services.repository.warnings()
    lines = [f"Applied {name}" for name in applied] or ["The schema is up to date."]
    lines += [f"Created the event {created}"] if created else []
    lines += [f"Warning: {warning}" for warning in warnings]
    _print({"applied": applied, "createdEvent": created, "warnings": warnings}, lines, as_json)


@main.group()
def events() -> None:
    """Create and list events."""


def _event_id(_: click.Context, __: click.Parameter, value: str) -> str:
    if not re.fullmatch(EVENT_ID_PATTERN, value):
        raise click.BadParameter("must be 1 to 64 letters, digits or any of . _ : -")
    return value


def _name(_: click.Context, __: click.Parameter, value: str) -> str:
    if not is_event_name(value):
        raise click.BadParameter(f"must be 1 to {EVENT_NAME_LENGTH_MAX} printable characters")
    return value


@events.command("create")
@click.argument("event_id", metavar="ID", callback=_event_id)
@click.option("--name", required=True, callback=_name, help="What people call it.")
@click.option("--seats", required=True, type=click.IntRange(1, TOTAL_SEATS_MAX))
@click.option(
    "--seats-per-reservation-max",
    type=click.IntRange(1, TOTAL_SEATS_MAX),
    default=SEATS_PER_RESERVATION_DEFAULT,
    show_default=True,
)
@as_json
def create_event(
    event_id: str, name: str, seats: int, seats_per_reservation_max: int, as_json: bool
) -> None:
    """Put an event on sale."""
    services = _ready_services()
    command = CreateEvent(
        event_id=event_id,
        name=name,
        total_seats=seats,
        seats_per_reservation_max=seats_per_reservation_max,
    )
    try:
        services.committer.submit(command)
    except CommandRefused as refused:
        _fail(f"Event {event_id} exists already.", refused.refusal.code, as_json)
    _print(
        {"eventId": event_id, "name": name, "totalSeats": seats},
        [f"Created event {event_id} with {seats} seats."],
        as_json,
    )


@events.command("list")
@as_json
def list_events(as_json: bool) -> None:
    """Show all events and what is left of each."""
    found = list(_all_events(_ready_services()))
    lines = [
        f"{event.event_id}  {event.available_seats} of {event.total_seats} seats available, "
        f"{event.reservation_count} reservations, version {event.version}"
        for event in found
    ]
    _print({"events": _documents(found)}, lines or ["No events."], as_json)


@main.command()
@as_json
def verify(as_json: bool) -> None:
    """Replay every ledger and compare it with the counters and rows; exit 1 on differences."""
    services = _ready_services()
    results = [
        result
        for event in _all_events(services)
        if (result := Verifier(services.repository, event.event_id).verify())
    ]
    damage = services.repository.damage()
    lines = []
    for result in results:
        verdict = f"{len(result.differences)} differences" if result.differences else "clean"
        lines.append(f"{result.event_id}  {result.entries} entries: {verdict}")
        lines += [f"  {difference}" for difference in result.differences]
    document = {"events": _documents(results), "damage": damage}
    _print(document, lines + damage or ["No events."], as_json)
    if damage or any(result.differences for result in results):
        raise SystemExit(1)


def _ready_services() -> Services:
    services = open_services(load_settings())
    services.repository.check()
    return services


def _create_default_event(services: Services) -> str | None:
    """Create the default event at the first start; gives its id if that happened now."""
    settings = services.settings
    if not settings.default_event or services.repository.event(settings.default_event):
        return None
    command = CreateEvent(
        event_id=settings.default_event,
        name=settings.default_event_name,
        total_seats=settings.default_event_seats,
        seats_per_reservation_max=SEATS_PER_RESERVATION_DEFAULT,
    )
    try:
        services.committer.submit(command)
    except CommandRefused:
        # The only refusal of a creation: another process was faster.
        return None
    return settings.default_event


def _all_events(services: Services) -> Iterator[Event]:
    after_event_id = ""
    while page := services.repository.events(after_event_id, PAGE_EVENTS):
        yield from page
        after_event_id = page[-1].event_id


def _documents(rows: Sequence[Event | Verification]) -> list[dict[str, Any]]:
    return [camel_keys(dataclasses.asdict(row)) for row in rows]


def _print(document: dict[str, Any], lines: list[str], as_json: bool) -> None:
    click.echo(json.dumps(document) if as_json else "\n".join(lines))


def _fail(message: str, code: str, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"error": message, "code": code}))
        raise SystemExit(1)
    raise click.ClickException(message)
