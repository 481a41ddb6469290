"""What `rehearse` prints, while the drop runs and at its end."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import wrap
from typing import Any, TextIO

import click

from ticketboss.cli.common import fail, show
from ticketboss.rehearsal.drop import Course
from ticketboss.rehearsal.findings import Findings, conclusion, document, table
from ticketboss.rehearsal.page import page, shape
from ticketboss.rehearsal.profile import Profile
from ticketboss.rehearsal.progress import WIDTH_MAX, Progress
from ticketboss.rehearsal.where import CannotRehearse, Wanted, rehearse_where

# As for an option that is wrong; 1 is for a broken promise.
NOT_REHEARSED = 2


class Printer:
    """Prints a rehearsal as it goes on; the progress goes to a stream of its own."""

    def __init__(self, report: Path | None, as_json: bool, progress: TextIO) -> None:
        self._report = report
        self._as_json = as_json
        self._progress = progress
        self._shown = Progress(progress, renews=progress.isatty())

    def stays(self, console_url: str) -> None:
        """Say where to watch a server that stays."""
        lines = (f"Watch it at {console_url}", "The server stays until you press Ctrl-C.")
        # Where JSON is wanted there is nothing else on standard output.
        click.echo("\n".join(lines), file=self._progress if self._as_json else None)

    def look(self, course: Course) -> None:
        """Show how far it is."""
        self._shown.look(course)

    def ends(self, findings: Findings) -> None:
        """Print the figures and the verdict, and write the report."""
        lines = [*table(findings), *conclusion(findings)]
        if self._report is not None:
            try:
                html = page(findings, time.time_ns() // 1_000_000)
                self._report.write_text(html, encoding="utf-8")
            except OSError as error:
                reason = f"The report cannot be written: {error}"
                fail(reason, "report_not_written", self._as_json)
            lines.append(f"The report is in {self._report}.")
        show(document(findings), lines, self._as_json)


def perform(
    wanted: Wanted, profile: Profile, report: Path | None, as_json: bool, progress: TextIO
) -> None:
    """Rehearse and print the figures.

    Ends with status 1 where a promise was broken, with NOT_REHEARSED where nothing can be judged.
    """
    if not as_json:
        click.echo("\n".join(wrap(shape(profile), WIDTH_MAX)))
    try:
        with _ended_in_order():
            findings = rehearse_where(wanted, profile, Printer(report, as_json, progress))
    except CannotRehearse as error:
        fail(str(error), error.code, as_json, NOT_REHEARSED)
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
