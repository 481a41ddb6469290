"""`backup` and `restore`: a database in one file, copied online and put back."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ticketboss.cli.common import as_json, fail, paged, progress_bar, show
from ticketboss.config import load_settings
from ticketboss.engine.copying import Differences, replayed
from ticketboss.repository import backup_names, files
from ticketboss.repository.files import FileRefused
from ticketboss.repository.interface import StorageUnavailable


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy that was found whole has."""

    events: int
    entries: int
    bytes: int

    @property
    def words(self) -> str:
        """The same for people."""
        return (
            f"{self.events} events, {self.entries} ledger entries, {self.bytes} bytes; "
            f"no page is damaged, and the ledgers replay clean."
        )

    @property
    def document(self) -> dict[str, Any]:
        """The same for programs."""
        return {"events": self.events, "entries": self.entries, "bytes": self.bytes}


@click.command()
@click.argument("to", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="Only in a folder: delete the oldest backups of this database there, but for so many.",
)
@as_json
def backup(to: Path, keep: int | None, as_json: bool) -> None:
    """Copy the database to the new file TO, also while it is sold from, and check the copy.

    Where TO is a folder, the file's name has the moment in it. SQLite only.
    """
    with _told(as_json):
        settings = load_settings()
        database = files.database_path(settings.database_url)
        files.refuse_no_database(database)
        if keep is not None and not to.is_dir():
            raise click.UsageError(f"--keep needs a folder, and {to} is none.")
        target = to / backup_names.new_name(database.stem) if to.is_dir() else to
        files.refuse_taken(target, database)
        left = files.delete_leftovers(to, database.stem) if to.is_dir() else []
        copied = _back_up(database, target, checkpoints=settings.checkpoints == "own")
        deleted = [
            *left,
            *(backup_names.delete_old(to, database.stem, target, keep) if keep else []),
        ]
    lines = [f"Backed up to {target}: {copied.words}"] + [f"Deleted {path}" for path in deleted]
    found = {"path": str(target), **copied.document, "deleted": [str(path) for path in deleted]}
    show(found | {"differences": []}, lines, as_json)


@click.command()
@click.argument("from_", metavar="FROM", type=click.Path(path_type=Path))
@as_json
def restore(from_: Path, as_json: bool) -> None:
    """Put a copy of the backup FROM in the database's place, once it was checked.

    Stop the server before. The database that was there is kept under another name. SQLite only.
    """
    with _told(as_json):
        database = files.database_path(load_settings().database_url)
        files.refuse_no_database(from_)
        applied, copied, replaced = _restore(from_, database)
    lines = [f"Applied {name}" for name in applied]
    lines.append(f"Restored {database} from {from_}: {copied.words}")
    if replaced:
        lines.append(f"What was there is {replaced} now; delete it when nobody needs it.")
    found = {"path": str(database), **copied.document, "applied": applied, "differences": []}
    show(found | {"replaced": str(replaced) if replaced else None}, lines, as_json)


@contextmanager
def _told(as_json: bool) -> Iterator[None]:
    """Have what went wrong said in the words of people, and nothing be left of it."""
    try:
        yield
    except FileRefused as refused:
        fail(str(refused), refused.code, as_json)
    except Differences as differences:
        lines = ["Damaged, so nothing was kept:", *(f"  {each}" for each in differences.found)]
        show({"differences": differences.found}, lines, as_json)
        raise SystemExit(1) from None


def _back_up(database: Path, target: Path, *, checkpoints: bool) -> Copied:
    with closing(files.repository_in(database, checkpoints=checkpoints)) as source:
        source.check()
        files.refuse_no_room(target.parent, source.bytes_of_copy())
        with files.partial_beside(target, like=database) as partial:
            source.copy_to(partial, progress_bar)
            copied = _checked(partial, is_backup=True)
            files.publish(partial, target)
    return copied


def _restore(from_: Path, database: Path) -> tuple[list[str], Copied, Path | None]:
    # It is looked again at the end; here, so that nothing takes long in vain.
    files.prepare_place(database)
    with files.partial_beside(database, database if database.exists() else from_) as partial:
        with files.about(from_), closing(files.repository_in(from_)) as source:
            files.refuse_restoring(source, from_, database)
            files.refuse_no_room(database.parent, source.bytes_of_copy())
            source.copy_to(partial, progress_bar)
        with closing(files.repository_in(partial)) as copy:
            applied = copy.migrate()
        copied = _checked(partial, is_backup=False)
        replaced = files.replace(database, partial)
    return applied, copied, replaced


def _checked(partial: Path, *, is_backup: bool) -> Copied:
    """Finish a copy, open it, and look at all of it."""
    with closing(files.repository_in(partial)) as copy:
        try:
            copy.settle(is_backup=is_backup)
            copy.check()
            found = [*copy.damage(), *replayed("Checking", copy, progress_bar)]
            if found:
                raise Differences(found)
            events = list(paged(copy.events, lambda event: event.event_id))
        except StorageUnavailable as error:
            raise type(error)(f"The copy cannot be read: {error}") from error
    entries = sum(event.version + 1 for event in events)
    return Copied(len(events), entries, partial.stat().st_size)
