"""How backups in a folder are named, and which of them go."""

import re
from datetime import UTC, datetime
from pathlib import Path

from ticketboss.repository.interface import StorageUnavailable
from ticketboss.repository.sqlite.backup import is_backup

MOMENT = r"\d{8}T\d{6}\.\d{3}Z"


def stamp() -> str:
    """The moment as a part of names, which sort by it."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1_000:03}Z"


def new_name(stem: str) -> str:
    """A name that sorts behind those of the backups before."""
    return f"{stem}-{stamp()}.db"


def named_by_moment(folder: Path, stem: str, suffix: str = "") -> list[Path]:
    """What has the name of a backup of a database and this suffix, the oldest first.

    Raises OSError.
    """
    named = re.compile(rf"{re.escape(stem)}-{MOMENT}\.db{re.escape(suffix)}")
    return sorted(path for path in folder.iterdir() if named.fullmatch(path.name))


def delete_old(folder: Path, stem: str, newest: Path, keep: int) -> list[Path]:
    """Delete the oldest backups of a database in a folder, but for `keep`; gives which.

    `newest` is one of those kept, whatever the clock says. What has no name of a backup, or not
    a backup's mark inside, is never touched.
    """
    try:
        older = [
            path
            for path in named_by_moment(folder, stem)
            if path.name != newest.name and is_backup(path)
        ]
        outdated = older[: max(0, len(older) - (keep - 1))]
        for path in outdated:
            path.unlink()
    except OSError as error:
        raise StorageUnavailable(
            f"{newest} was made, but the older ones could not be deleted: {error.strerror}."
        ) from error
    return outdated
