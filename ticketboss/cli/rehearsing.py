"""What `rehearse` prints, while the drop runs and at its end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import wrap
from typing import Any, TextIO

import click

from ticketboss.cli.common import fail, show
from ticketboss.rehearsal.findings import conclusion, document, table
from ticketboss.rehearsal.page import page, shape
from ticketboss.rehearsal.profile import Profile
from ticketboss.rehearsal.progress import WIDTH_MAX, Progress
from ticketboss.rehearsal.where import CannotRehearse, Wanted, rehearse_where


def perform(
    wanted: Wanted, profile: Profile, report: Path | None, as_json: bool, progress: TextIO
) -> None:
    """Rehearse and print the figures; ends with status 1 where a promise was broken."""
    if not as_json:
        click.echo("\n".join(wrap(shape(profile), WIDTH_MAX)))
    look = Progress(progress, renews=progress.isatty()).look
    try:
        with _ended_in_order():
            findings = rehearse_where(wanted, profile, look)
    except CannotRehearse as error:
        fail(str(error), error.code, as_json)
    lines = [*table(findings), *conclusion(findings)]
    if report is not None:
        try:
            report.write_text(page(findings), encoding="utf-8")
        except OSError as error:
            fail(f"The report cannot be written: {error}", "report_not_written", as_json)
        lines.append(f"The report is in {report}.")
    show(document(findings), lines, as_json)
    if findings.broken:
        raise SystemExit(1)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Stop the scratch server also where somebody ends this process, or closes its terminal."""

    def end(number: int, _: Any) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
