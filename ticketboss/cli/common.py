"""What the operator's commands share: services that are ready, output, and types of options."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import click

from ticketboss.config import load_settings
from ticketboss.domain.events import Event
from ticketboss.formats import parse_rfc3339
from ticketboss.services import Services, open_services

Item = TypeVar("Item")

PAGE_ITEMS = 100
LABEL_WIDTH = 19


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


def ready_services() -> Services:
    """The services over a database that is migrated and can be used."""
    services = open_services(load_settings())
    services.repository.check()
    return services


def paged(
    read: Callable[[str, int], Sequence[Item]], id_of: Callable[[Item], str]
) -> Iterator[Item]:
    """All items in the order of their ids, read page by page from behind an id on."""
    after_id = ""
    while page := read(after_id, PAGE_ITEMS):
        yield from page
        after_id = id_of(page[-1])


def all_events(services: Services) -> Iterator[Event]:
    """All events in the order of their ids."""
    return paged(services.repository.events, lambda event: event.event_id)


def checked(pattern: str, reason: str) -> Callable[..., str | None]:
    """A callback that refuses a value which the pattern does not match as a whole."""

    def check(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(pattern, value):
            raise click.BadParameter(reason)
        return value

    return check


def show(document: dict[str, Any], lines: list[str], as_json: bool) -> None:
    """Print a result for programs or for people."""
    click.echo(json.dumps(document) if as_json else "\n".join(lines))


def fail(message: str, code: str, as_json: bool, status: int = 1) -> NoReturn:
    """End with this status and the reason, on standard output only where it is JSON."""
    if as_json:
        click.echo(json.dumps({"error": message, "code": code}))
    else:
        click.ClickException(message).show()
    raise SystemExit(status)


@contextmanager
def progress_bar(label: str, steps: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, for people alone."""
    is_seen = sys.stderr.isatty()
    with click.progressbar(
        length=steps, label=label.ljust(LABEL_WIDTH), file=sys.stderr, hidden=not is_seen
    ) as bar:
        yield bar.update


class NumberOrNone(click.IntRange):
    """A number within its range, or the word `none` for no limit."""

    name = "number|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return None if value == "none" else super().convert(value, param, ctx)


class TimeOrNone(click.ParamType[int | None]):
    """An RFC 3339 time with its offset, as milliseconds since 1970; or the word `none`."""

    name = "time|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value is None or value == "none":
            return None
        try:
            return parse_rfc3339(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
