"""`events ...`: create, list, show, update, pause, resume and cancel."""

import dataclasses
from collections.abc import Callable
from typing import Any

import click

from ticketboss.cli.common import (
    NumberOrNone,
    TimeOrNone,
    all_events,
    as_json,
    checked,
    fail,
    ready_services,
    show,
)
from ticketboss.domain.commands import OPERATOR_AT_COMMAND_LINE, ChangeEvent, CreateEvent
from ticketboss.domain.events import (
    EVENT_ID_PATTERN,
    EVENT_NAME_LENGTH_MAX,
    HOLD_SECONDS_TOTAL_MAX,
    TOTAL_SEATS_MAX,
    Event,
    is_event_name,
)
from ticketboss.engine.answers import CommandRefused
from ticketboss.engine.pausing import pause_all
from ticketboss.formats import camel_keys, rfc3339
from ticketboss.services import Services

REFUSALS = {
    "event_exists": "It exists already.",
    "event_not_found": "There is no such event.",
    "event_cancelled": "It was cancelled and stays as it is.",
    "capacity_in_use": "{taken_seats} seats are reserved or held: it cannot have fewer seats.",
    "invalid_sale_window": "The sale must end after it begins.",
}


@click.group()
def events() -> None:
    """Create events, show them and change them."""


_event_id = checked(EVENT_ID_PATTERN, "must be 1 to 64 letters, digits or any of . _ : -")


def _name(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    if not is_event_name(value):
        raise click.BadParameter(f"must be 1 to {EVENT_NAME_LENGTH_MAX} printable characters")
    return value


one_event = click.argument("event_id", metavar="ID", callback=_event_id)
SETTINGS = (
    click.option("--seats", "total_seats", type=click.IntRange(1, TOTAL_SEATS_MAX)),
    click.option("--name", callback=_name, help="What people call it."),
    click.option("--seats-per-reservation-max", type=click.IntRange(1, TOTAL_SEATS_MAX)),
    click.option("--seats-per-partner-max", type=NumberOrNone(1, TOTAL_SEATS_MAX)),
    click.option("--open-holds-per-partner-max", type=click.IntRange(0, TOTAL_SEATS_MAX)),
    click.option("--hold-seconds-total-max", type=click.IntRange(1, HOLD_SECONDS_TOTAL_MAX)),
    click.option("--on-sale-from", type=TimeOrNone(), help="Like 2026-12-01T12:00:00Z, or none."),
    click.option("--on-sale-until", type=TimeOrNone(), help="The first moment without sale."),
)


def event_settings(function: Callable[..., None]) -> Callable[..., None]:
    """The options for an event's settings, for the commands that set them."""
    for option in reversed(SETTINGS):
        function = option(function)
    return function


@events.command("create")
@one_event
@event_settings
@click.option("--test", "is_test", is_flag=True, help="An event to try things out on.")
@as_json
@click.pass_context
def create_event(ctx: click.Context, /, event_id: str, as_json: bool, **_: Any) -> None:
    """Put an event on sale; --name and --seats are needed."""
    given = _given(ctx)
    missing = [
        flag for flag, name in (("--name", "name"), ("--seats", "total_seats")) if name not in given
    ]
    if missing:
        raise click.UsageError(f"Missing option {' and '.join(missing)}.")
    services = ready_services()
    command = CreateEvent(event_id=event_id, actor=OPERATOR_AT_COMMAND_LINE, **given)
    _submit(services, command, as_json)
    seats = given["total_seats"]
    show(
        {"eventId": event_id, "name": given["name"], "totalSeats": seats},
        [f"Created event {event_id} with {seats} seats."],
        as_json,
    )


@events.command("list")
@as_json
def list_events(as_json: bool) -> None:
    """Show all events and what is left of each."""
    services = ready_services()
    now = services.repository.now()
    found = list(all_events(services))
    lines = [
        f"{event.event_id}  {event.sale_state(now)}, {event.available_seats} of "
        f"{event.total_seats} seats available, {event.held_seats} held, "
        f"{event.reservation_count} reservations, version {event.version}"
        for event in found
    ]
    documents = [_document(event, now) for event in found]
    show({"events": documents}, lines or ["No events."], as_json)


@events.command("show")
@one_event
@as_json
def show_event(event_id: str, as_json: bool) -> None:
    """Show one event with all its settings."""
    _show(ready_services(), event_id, as_json)


@events.command("update")
@one_event
@event_settings
@as_json
@click.pass_context
def update_event(ctx: click.Context, /, event_id: str, as_json: bool, **_: Any) -> None:
    """Change settings; those that are not given stay as they are."""
    given = _given(ctx)
    if not given:
        raise click.UsageError("Give at least one setting to change.")
    _change(event_id, given, as_json)


@events.command("pause")
@one_event
@as_json
def pause_event(event_id: str, as_json: bool) -> None:
    """Stop new reservations and holds; what exists can be confirmed and cancelled."""
    _change(event_id, {"paused": True}, as_json)


@events.command("pause-all")
@as_json
def pause_every_event(as_json: bool) -> None:
    """Pause all events at once; those that were paused or cancelled stay as they are."""
    services = ready_services()
    outcome = pause_all(services.repository, services.committer, OPERATOR_AT_COMMAND_LINE, None)
    lines = [f"Paused {event_id}" for event_id in outcome.paused]
    lines += [f"{event_id} was paused before." for event_id in outcome.were_paused]
    lines += [f"NOT paused: {event_id}; say it again." for event_id in outcome.not_paused]
    show(camel_keys(dataclasses.asdict(outcome)), lines or ["Nothing to pause."], as_json)
    if outcome.not_paused:
        raise SystemExit(1)


@events.command("resume")
@one_event
@as_json
def resume_event(event_id: str, as_json: bool) -> None:
    """Go on selling after a pause."""
    _change(event_id, {"paused": False}, as_json)


@events.command("cancel")
@one_event
@click.confirmation_option(prompt="All its reservations will be cancelled. Go on?")
@as_json
def cancel_event(event_id: str, as_json: bool) -> None:
    """End an event for good; a running server cancels its reservations, batch by batch."""
    _change(event_id, {"cancelled": True}, as_json)


def _given(ctx: click.Context) -> dict[str, Any]:
    """The settings that stand on the command line, `none` among them as None."""
    default = click.core.ParameterSource.DEFAULT
    return {
        name: value
        for name, value in ctx.params.items()
        if name not in ("event_id", "as_json") and ctx.get_parameter_source(name) != default
    }


def _change(event_id: str, settings: dict[str, Any], as_json: bool) -> None:
    services = ready_services()
    command = ChangeEvent(event_id=event_id, actor=OPERATOR_AT_COMMAND_LINE, settings=settings)
    _submit(services, command, as_json)
    _show(services, event_id, as_json)


def _submit(services: Services, command: CreateEvent | ChangeEvent, as_json: bool) -> None:
    try:
        services.committer.submit(command)
    except CommandRefused as refused:
        refusal = refused.refusal
        facts = {fact.name: getattr(refusal, fact.name) for fact in dataclasses.fields(refusal)}
        reason = REFUSALS[refusal.code].format(**facts)
        fail(f"Event {command.event_id}: {reason}", refusal.code, as_json)


def _show(services: Services, event_id: str, as_json: bool) -> None:
    event = services.repository.event(event_id)
    if event is None:
        fail(f"Event {event_id}: {REFUSALS['event_not_found']}", "event_not_found", as_json)
    document = _document(event, services.repository.now())
    show(document, [f"{name} = {value}" for name, value in document.items()], as_json)


def _document(event: Event, now: int) -> dict[str, Any]:
    document = event._asdict() | {"sale_state": event.sale_state(now)}
    for name in ("on_sale_from", "on_sale_until"):
        document[name] = None if document[name] is None else rfc3339(document[name])
    return camel_keys(document)
