"""`rehearse`: a drop, to see whether it goes well before it is for real."""

import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from ticketboss.cli.common import as_json, fail
from ticketboss.domain.events import TOTAL_SEATS_MAX
from ticketboss.domain.reservations import HOLD_SECONDS_MAX
from ticketboss.rehearsal.profile import (
    CONNECTIONS_DEFAULT,
    DROP_SECONDS_MAX,
    KILLS_MAX,
    PARTNERS_MAX,
    REQUESTS_AT_ONCE_MAX,
    WISHES_MAX,
    BadProfile,
    Profile,
    parse_group_sizes,
)

Command = TypeVar("Command", bound=Callable[..., Any])

SHARE = click.FloatRange(0, 1)
SECONDS = click.FloatRange(0, DROP_SECONDS_MAX)
OPTIONS = (
    click.option("--url", envvar="REHEARSAL_URL", help="A server that runs; else a scratch one."),
    click.option("--event", "event_id", help="An event of it; else a test event is made."),
    click.option(
        "--operator-key-file",
        type=click.File(),
        envvar="REHEARSAL_OPERATOR_KEY_FILE",
        help="Where an operator's test key is; without keys it must be in open mode.",
    ),
    click.option(
        "--partner-keys-file",
        type=click.File(),
        envvar="REHEARSAL_PARTNER_KEYS_FILE",
        help="Keys of partners, one a line; else the operator's reserves for all.",
    ),
    click.option("--allow-remote", is_flag=True, help="Also a server of another machine."),
    click.option("--allow-live-event", is_flag=True, help="Also an event that is for real."),
    click.option("--seats", "seats_total", type=click.IntRange(1, TOTAL_SEATS_MAX), default=500),
    click.option("--requests", "wishes", type=click.IntRange(1, WISHES_MAX), default=60),
    click.option("--group-sizes", default="10", help="Seats, or seats:weight with commas."),
    click.option(
        "--partners", type=click.IntRange(1, PARTNERS_MAX), help="One for each request if it fits."
    ),
    click.option(
        "--connections",
        type=click.IntRange(1, REQUESTS_AT_ONCE_MAX),
        help=f"Requests at once; {CONNECTIONS_DEFAULT} if there are as many.",
    ),
    click.option(
        "--burst", "burst_seconds", type=SECONDS, default=0.0, help="Its mean; 0: at once."
    ),
    click.option(
        "--rate", type=click.FloatRange(0.001, 100_000), help="A second, instead of a burst."
    ),
    click.option("--hold-share", type=SHARE, default=0.0, help="Of the requests."),
    click.option("--hold-seconds", type=click.IntRange(1, HOLD_SECONDS_MAX), default=60),
    click.option("--confirm-share", type=SHARE, default=1.0, help="Of the holds; others expire."),
    click.option("--cancel-share", type=SHARE, default=0.0, help="Of what is confirmed."),
    click.option("--repeat-share", type=SHARE, default=0.0, help="Asked twice under one key."),
    click.option("--think", "think_seconds", type=SECONDS, default=1.0, help="Between two steps."),
    click.option(
        "--timeout",
        "timeout_seconds",
        type=click.FloatRange(0.01, 60),
        default=10.0,
        help="Then it asks again with its key.",
    ),
    click.option("--seconds-max", type=click.FloatRange(1, DROP_SECONDS_MAX), default=300.0),
    click.option("--seed", type=click.IntRange(0), default=1),
    click.option("--workers", type=click.IntRange(1, 64), default=2, help="Of the scratch server."),
    click.option("--worker-class", help="Of the scratch server."),
    click.option(
        "--kills", type=click.IntRange(0, KILLS_MAX), default=0, help="Of its workers, by SIGKILL."
    ),
    click.option("--stay", "stays", is_flag=True, help="The scratch server, until Ctrl-C."),
    click.option(
        "--report",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Where to write a page with charts.",
    ),
)


def _with_options(command: Command) -> Command:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command("rehearse", context_settings={"show_default": True})
@_with_options
@as_json
def rehearse(as_json: bool, report: Path | None, **options: Any) -> None:
    """Drive a server as a drop does, and judge it by what is promised.

    By itself it is the classic check, on a scratch server: 60 requests for 10 of 500 seats each,
    all at once. Ends with status 1 if a promise was broken, with 2 if it could not take place.
    Times are in seconds.
    """
    if report is not None and not report.absolute().parent.is_dir():
        raise click.BadParameter("there is no such folder", param_hint="--report")
    try:
        # Partners' client, which needs requests; the other commands do without.
        from ticketboss.cli import rehearsing
        from ticketboss.rehearsal.where import Wanted
    except ModuleNotFoundError as missing:
        if missing.name != "requests":
            raise
        fail(
            "A rehearsal needs requests, which the extra `client` of this project brings: "
            "pip install '.[client]' in its folder.",
            "requests_missing",
            as_json,
        )
    operator_keys = _keys(options.pop("operator_key_file"))
    partner_keys = _keys(options.pop("partner_keys_file"))
    profile = _profile(options, len(partner_keys))
    wanted = Wanted(
        operator_key=operator_keys[0] if operator_keys else None,
        partner_keys=partner_keys,
        **options,
    )
    rehearsing.perform(wanted, profile, report, as_json, sys.stderr)


def _keys(file: TextIO | None) -> list[str]:
    """The keys of a file, one a line; it may have blank lines and comments."""
    lines = [] if file is None else [line.strip() for line in file]
    return [line for line in lines if line and not line.startswith("#")]


def _profile(options: dict[str, Any], keys: int) -> Profile:
    """The shape of the drop, taken out of the options."""
    try:
        options["group_sizes"] = parse_group_sizes(options["group_sizes"])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--group-sizes") from None
    wishes = options["wishes"]
    options["partners"] = keys or options["partners"] or min(wishes, PARTNERS_MAX)
    options["connections"] = options["connections"] or min(wishes, CONNECTIONS_DEFAULT)
    names = [field.name for field in fields(Profile)]
    try:
        return Profile(**{name: options.pop(name) for name in names})
    except BadProfile as error:
        raise click.UsageError(str(error)) from None
