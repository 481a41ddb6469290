"""`copy`: everything from one database to another."""

from contextlib import closing
from pathlib import Path

import click

from ticketboss.cli.common import LABEL_WIDTH, as_json, fail, progress_bar, show
from ticketboss.engine.copying import CopyRefused, Differences, copy_everything
from ticketboss.repository import SQLITE_PREFIX, open_repository
from ticketboss.repository.interface import Repository


def _database(_: click.Context, __: click.Parameter, url: str) -> tuple[Repository, str | Path]:
    """The repository behind a URL, and where it is."""
    try:
        repository = open_repository(url)
    except ValueError as error:
        # The URL itself is not repeated: it may have a password.
        raise click.BadParameter(str(error)) from None
    is_file = url.startswith(SQLITE_PREFIX)
    return repository, Path(url.removeprefix(SQLITE_PREFIX)).resolve() if is_file else url


@click.command("copy")
@click.option(
    *("--from", "source"), required=True, metavar="URL", callback=_database, help="What to copy."
)
@click.option(
    *("--to", "target"), required=True, metavar="URL", callback=_database, help="An empty database."
)
@as_json
def copy(
    source: tuple[Repository, str | Path], target: tuple[Repository, str | Path], as_json: bool
) -> None:
    """Copy everything to another database, and compare both.

    The URLs are as in DATABASE_URL. While it runs nobody can write to either side; afterwards a
    server on the old database would go on selling there, so stop it before.
    """
    if source[1] == target[1]:
        raise click.UsageError("--from and --to are the same database.")
    if isinstance(source[1], Path) and not source[1].exists():
        fail(f"The source: there is no file {source[1]}.", "storage_unavailable", as_json)
    with closing(source[0]), closing(target[0]):
        try:
            rows = copy_everything(source[0], target[0], progress_bar)
        except CopyRefused as refused:
            fail(str(refused), refused.code, as_json)
        except Differences as differences:
            lines = ["Nothing was copied:", *(f"  {each}" for each in differences.found)]
            show({"tables": [], "differences": differences.found}, lines, as_json)
            raise SystemExit(1) from None
    lines = [f"{name:<{LABEL_WIDTH}} {count} rows" for name, count in rows.items()]
    lines.append("Copied; both sides are equal, and their ledgers replay clean.")
    documents = [{"name": name, "rows": count} for name, count in rows.items()]
    show({"tables": documents, "differences": []}, lines, as_json)
