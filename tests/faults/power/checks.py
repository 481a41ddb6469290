"""What must be true of a database that is opened again after a power cut."""

import re
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.faults.power.disk import Image
from tests.faults.power.trace import DATABASE, Answer, Step
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import StorageUnavailable
from ticketboss.repository.sqlite.driver import Driver
from ticketboss.repository.sqlite.repository import SqliteRepository

EVENT_ID = "node-meetup-2025"
_VERSION = re.compile(r"^(?:TicketBoss-Version: |ETag: \")(\d+)(?:-\w+\")?\r?$", re.MULTILINE)
_CREATED = re.compile(r"^Location: /(?:\S+/)?reservations/([0-9a-f-]{36})\r?$", re.MULTILINE)


@dataclass(slots=True)
class Told:
    """What partners have been told so far: the newest version, and reservations that were made."""

    version: int = -1
    reservation_ids: set[str] = field(default_factory=set)

    def hear(self, step: Step) -> Self:
        """Take an answer into account; gives itself."""
        if isinstance(step.operation, Answer):
            head = step.operation.head
            if found := _VERSION.search(head):
                self.version = max(self.version, int(found[1]))
            if found := _CREATED.search(head):
                self.reservation_ids.add(found[1])
        return self


def complaints(image: Image, told: Told, folder: Path, driver: Driver) -> list[str]:
    """What is wrong with an image after a restart; `folder` is empty, and left so."""
    for name, content in image.items():
        (folder / name).write_bytes(content)
    try:
        return _damage_and_losses(folder / DATABASE, told, driver)
    except (driver.module.Error, StorageUnavailable) as error:
        return [f"it cannot be opened: {error!r}"]
    finally:
        for path in folder.iterdir():
            path.unlink()


def _damage_and_losses(path: Path, told: Told, driver: Driver) -> list[str]:
    with closing(SqliteRepository(str(path), driver)) as repository:
        # As the start of a server does.
        repository.migrate()
        found = repository.damage()
        verified = Verifier(repository, EVENT_ID).verify()
        version = -1 if verified is None else verified.version
        found += [] if verified is None else verified.differences
    with closing(driver.module.connect(path)) as connection:
        rows = connection.execute("SELECT reservation_id FROM reservations")
        lost = told.reservation_ids - {row[0] for row in rows}
    if version < told.version:
        found.append(f"version {told.version} was told, but the event is at {version}")
    if lost:
        found.append(f"{len(lost)} of {len(told.reservation_ids)} reservations are lost")
    return found
