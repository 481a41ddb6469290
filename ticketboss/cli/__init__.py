"""Operator commands. Each prints for people, or one JSON object with `--json`."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from ticketboss import __version__
from ticketboss.cli.backups import backup, restore
from ticketboss.cli.common import all_events, as_json, fail, ready_services, show
from ticketboss.cli.copying import copy
from ticketboss.cli.events import events
from ticketboss.cli.keys import keys
from ticketboss.cli.partners import admin_log, partners
from ticketboss.cli.rehearse import rehearse
from ticketboss.config import BadSettings, env_name, load_settings
from ticketboss.domain.commands import CreateEvent
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.engine.verifier import Verifier
from ticketboss.formats import camel_keys
from ticketboss.repository.interface import (
    Contradiction,
    OutcomeUnknown,
    SchemaMismatch,
    StorageUnavailable,
)
from ticketboss.services import Services, open_services

# Of a URL: all of it, where a parameter may be secret; else from the colon that is not the
# scheme's to the last @.
PASSWORD = re.compile(
    r"(?<=//).*[?&][^=&]*(?:password|secret|_key|%)[^=&]*=.*|(?<=:)(?!//).+(?=@)", re.IGNORECASE
)
CONSOLE_SECRET = env_name("console_secret")
HIDDEN = "***"
ERROR_CODES: Mapping[type[Exception], str] = {
    BadSettings: "bad_settings",
    StorageUnavailable: "storage_unavailable",
    SchemaMismatch: "schema_mismatch",
    Overloaded: "overloaded",
    OutcomeUnknown: "outcome_unknown",
    Contradiction: "storage_unavailable",
}


class Commands(click.Group):
    """Turns our errors into one clear message and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except tuple(ERROR_CODES) as error:
            fail(str(error), ERROR_CODES[type(error)], ctx.find_root().meta.get("as_json", False))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ticketboss")
def main() -> None:
    """Operate TicketBoss. Settings come from the environment; see the README."""


@main.command()
@click.option("--with-passwords", is_flag=True, help="Hide nothing; the server reads them so.")
@as_json
def settings(with_passwords: bool, as_json: bool) -> None:
    """Check the settings and print those in force, without secrets and the passwords in URLs."""
    found = dataclasses.asdict(load_settings())
    values = {env_name(setting): value for setting, value in found.items()}
    if not with_passwords:
        values = {name: _without_password(value) for name, value in values.items()}
        values[CONSOLE_SECRET] = values[CONSOLE_SECRET] and HIDDEN
    show(values, [f"{name} = {value}" for name, value in values.items()], as_json)


@main.command()
@as_json
def migrate(as_json: bool) -> None:
    """Bring the database up to date and create the default event if it is missing."""
    settings = load_settings()
    services = open_services(settings)
    applied = services.repository.migrate()
    with _named(settings.database_url):
        created = _create_default_event(services)
    warnings = services.repository.warnings()
    lines = [f"Applied {name}" for name in applied] or ["The schema is up to date."]
    lines += [f"Created the event {created}"] if created else []
    lines += [f"Warning: {warning}" for warning in warnings]
    show({"applied": applied, "createdEvent": created, "warnings": warnings}, lines, as_json)


for command in (events, keys, partners, admin_log, copy, backup, restore, rehearse):
    main.add_command(command)


@main.command()
@as_json
def verify(as_json: bool) -> None:
    """Replay every ledger and compare it with the counters and rows; exit 1 on differences."""
    services = ready_services()
    results = [
        result
        for event in all_events(services)
        if (result := Verifier(services.repository, event.event_id).verify())
    ]
    damage = services.repository.damage()
    lines = []
    for result in results:
        verdict = f"{len(result.differences)} differences" if result.differences else "clean"
        lines.append(f"{result.event_id}  {result.entries} entries: {verdict}")
        lines += [f"  {difference}" for difference in result.differences]
    documents = [camel_keys(dataclasses.asdict(result)) for result in results]
    show({"events": documents, "damage": damage}, lines + damage or ["No events."], as_json)
    if damage or any(result.differences for result in results):
        raise SystemExit(1)


@contextmanager
def _named(url: str) -> Iterator[None]:
    """Have errors say which database they are about: a server that does not start shows no more."""
    try:
        yield
    except (StorageUnavailable, Overloaded, OutcomeUnknown) as error:
        raise type(error)(f"The database {_without_password(url)}: {error}") from error


def _without_password(value: Any) -> Any:
    return PASSWORD.sub(HIDDEN, value) if isinstance(value, str) else value


def _create_default_event(services: Services) -> str | None:
    """Create the default event at the first start; gives its id if that happened now."""
    settings = services.settings
    if not settings.default_event or services.repository.event(settings.default_event):
        return None
    command = CreateEvent(
        event_id=settings.default_event,
        name=settings.default_event_name,
        total_seats=settings.default_event_seats,
    )
    try:
        services.committer.submit(command)
    except CommandRefused:
        # The only refusal of a creation: another process was faster.
        return None
    return settings.default_event
