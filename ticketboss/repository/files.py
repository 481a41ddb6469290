"""What only a database in one file has: it can be copied online, and be replaced as a whole."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ticketboss.repository import POSTGRES_PREFIXES, SQLITE_PREFIX
from ticketboss.repository.backup_names import named_by_moment, stamp
from ticketboss.repository.interface import StorageUnavailable
from ticketboss.repository.sqlite.backup import InUse, alone, is_sqlite
from ticketboss.repository.sqlite.file import make_folder
from ticketboss.repository.sqlite.repository import SqliteRepository

PARTIAL_SUFFIX = ".ticketboss-partial"
# What may lie beside a database and belongs to it.
SIDE_SUFFIXES = ("-wal", "-shm", "-journal")
# Left free beside a copy: on a full disk nothing can be sold.
ROOM_LEFT_BYTES_MIN = 128 * 1024 * 1024
FOR_POSTGRES = (
    "DATABASE_URL is a PostgreSQL database, which has tools of its own for this: pg_dump, or "
    "pg_basebackup with an archive of its log (docs/operations.md, Back up and restore)."
)


class FileRefused(Exception):
    """Nothing was changed; `code` says why to programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def about(path: Path) -> Iterator[None]:
    """Have errors say which file they are about."""
    try:
        yield
    except StorageUnavailable as error:
        raise type(error)(f"{path}: {error}") from error
    except OSError as error:
        raise StorageUnavailable(f"{path}: {error.strerror}.") from error


def database_path(url: str) -> Path:
    """The file behind a database URL. Raises FileRefused for PostgreSQL."""
    if url.startswith(POSTGRES_PREFIXES):
        raise FileRefused("not_a_file", FOR_POSTGRES)
    # Behind links: that is where SQLite has what belongs to it.
    return Path(url.removeprefix(SQLITE_PREFIX)).resolve()


def repository_in(path: Path, *, checkpoints: bool = True) -> SqliteRepository:
    """The repository in a file, to be closed by the caller."""
    return SqliteRepository(str(path), checkpoints=checkpoints)


def refuse_no_database(path: Path) -> None:
    """Raise FileRefused unless a file that nobody here has open begins like a database."""
    with about(path):
        if not path.exists():
            raise FileRefused("not_found", f"There is no file {path}.")
        if not path.is_file():
            raise FileRefused("not_a_database", f"{path} is no file.")
        if not is_sqlite(path):
            raise FileRefused("not_a_database", f"{path} is no SQLite database.")


def refuse_restoring(source: SqliteRepository, path: Path, database: Path) -> None:
    """Raise FileRefused or SchemaMismatch unless this program can put a copy of it in use."""
    if _is_same(path, database):
        raise FileRefused("target_is_database", f"{path} is the database itself.")
    if not source.schema():
        raise FileRefused("not_a_database", f"{path} is no database of TicketBoss.")


def refuse_taken(path: Path, database: Path) -> None:
    """Raise FileRefused unless a backup can have this name."""
    own = [database, *_beside(database)]
    if any(path.resolve() == each or _is_same(path, each) for each in own):
        raise FileRefused("target_is_database", f"{path} is the database itself, or part of it.")
    if path.is_symlink() or path.exists():
        raise FileRefused("target_exists", f"{path} exists; nothing is ever overwritten.")
    if not path.parent.is_dir():
        raise FileRefused("not_found", f"There is no folder {path.parent}.")


def refuse_no_room(folder: Path, copy_bytes: int) -> None:
    """Raise FileRefused where a copy would leave too little for the sale, or not fit at all."""
    free = shutil.disk_usage(folder).free
    if free < copy_bytes + ROOM_LEFT_BYTES_MIN:
        raise FileRefused(
            "no_room",
            f"{folder} has {_megabytes(free)} free; the copy needs {_megabytes(copy_bytes)}, and "
            f"{_megabytes(ROOM_LEFT_BYTES_MIN)} stay free for the sale.",
        )


@contextmanager
def partial_beside(target: Path, like: Path) -> Iterator[Path]:
    """An empty file in the target's folder, with the permissions of `like`; gone afterwards.

    It always has the same name, so what a killed process has left is used again, and two
    processes cannot fill it at once. Raises FileRefused or StorageUnavailable.
    """
    path = target.with_name(target.name + PARTIAL_SUFFIX)
    with about(target):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(target) from None
        if not _is_same(path, descriptor):
            # Its owner has just given it the name that it was made for.
            raise _busy(target)
        try:
            os.truncate(descriptor, 0)
            os.fchmod(descriptor, like.stat().st_mode & 0o777)
            yield path
        finally:
            # By then it may have another name, and somebody else one of this name.
            if _is_same(path, descriptor):
                _delete(path)
    finally:
        os.close(descriptor)


def delete_leftovers(folder: Path, stem: str) -> list[Path]:
    """Delete what killed backups have left in a folder: no later one has their names; gives which.

    One that is being made is locked, and is not touched.
    """
    deleted = []
    with about(folder):
        for path in named_by_moment(folder, stem, PARTIAL_SUFFIX):
            if path.is_symlink() or not path.is_file():
                continue
            with path.open("rb") as file, suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Else it is finished by now, and has another name.
                if _is_same(path, file.fileno()):
                    _delete(path)
                    deleted.append(path)
    return deleted


def publish(partial: Path, target: Path) -> None:
    """Give a whole file its name, which nobody may have yet, so that a power cut keeps both."""
    with about(target):
        _sync(partial)
        try:
            target.hardlink_to(partial)
        except FileExistsError:
            raise FileRefused("target_exists", f"{target} exists by now.") from None
        except OSError:
            # There are disks without links, in USB sticks for one.
            partial.rename(target)
        _sync(target.parent)


def replace(database: Path, partial: Path) -> Path | None:
    """Put a whole file in the database's place; gives the name that the old one has now.

    What belongs to the old one is renamed with it, so that it can be opened, and nothing stale
    lies beside the new one. Raises FileRefused when somebody has the old one open.
    """
    aside = database.with_name(f"{database.name}.replaced-{stamp()}")
    with about(database):
        _own_like(partial, database if database.exists() else database.parent)
        _sync(partial)
        with nobody_in(database):
            # Its index is made anew by whoever opens it next.
            database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
            for suffix in ("", "-wal", "-journal"):
                with suppress(FileNotFoundError):
                    database.with_name(database.name + suffix).rename(f"{aside}{suffix}")
            partial.rename(database)
        _sync(database.parent)
    return aside if aside.exists() else None


def prepare_place(database: Path) -> None:
    """Make the folder of a database that is to be restored, where nobody may be in the old one."""
    with about(database):
        make_folder(database.parent)
        with nobody_in(database):
            pass


@contextmanager
def nobody_in(database: Path) -> Iterator[None]:
    """Keep everybody out of a database, if there is one. Raises FileRefused if somebody is in."""
    if not database.exists():
        yield
        return
    try:
        with alone(database):
            yield
    except InUse:
        raise FileRefused(
            "database_in_use",
            f"{database} is in use: stop the server, and whatever else has it open (Litestream, a "
            f"database browser).",
        ) from None


def _own_like(path: Path, like: Path) -> None:
    """A server that is not root could not use what root restores."""
    found, wanted = path.stat(), like.stat()
    if (found.st_uid, found.st_gid) != (wanted.st_uid, wanted.st_gid):
        os.chown(path, wanted.st_uid, wanted.st_gid)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in SIDE_SUFFIXES]


def _delete(path: Path) -> None:
    for each in (path, *_beside(path)):
        each.unlink(missing_ok=True)


def _is_same(path: Path, other: Path | int) -> bool:
    try:
        found = os.fstat(other) if isinstance(other, int) else other.stat()
        return os.path.samestat(path.stat(), found)
    except FileNotFoundError:
        return False


def _busy(target: Path) -> FileRefused:
    return FileRefused("target_busy", f"Another process makes {target} just now.")


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
