"""What must be true of a database that is opened again after a power cut."""

import re
from collections import Counter
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
EVENTS_MAX = 100
_VERSION = re.compile(r"^(?:TicketBoss-Version: |ETag: \")(\d+)(?:-\w+\")?\r?$", re.MULTILINE)
# Clients name the event that their requests are of: an answer itself does not.
_EVENT = re.compile(r"^X-Request-Id: (event-\d+)\r?$", re.MULTILINE)
_CREATED = re.compile(r"^Location: /(?:\S+/)?reservations/([0-9a-f-]{36})\r?$", re.MULTILINE)


@dataclass(slots=True)
class Told:
    """What partners have been told so far: each event's newest version, reservations made."""

    versions: Counter[str] = field(default_factory=Counter)
    reservation_ids: set[str] = field(default_factory=set)

    def hear(self, step: Step) -> Self:
        """Take an answer into account; gives itself."""
        if isinstance(step.operation, Answer):
            head = step.operation.head
            event = _EVENT.search(head)
            event_id = event[1] if event else EVENT_ID
            if found := _VERSION.search(head):
                self.versions[event_id] = max(self.versions[event_id], int(found[1]))
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
        reached: dict[str, int] = {}
        for event in repository.events("", EVENTS_MAX):
            verified = Verifier(repository, event.event_id).verify()
            found += [] if verified is None else verified.differences
            reached[event.event_id] = event.version
    with closing(driver.module.connect(path)) as connection:
        rows = connection.execute("SELECT reservation_id FROM reservations")
        lost = told.reservation_ids - {row[0] for row in rows}
    for event_id, version in told.versions.items():
        newest = reached.get(event_id, -1)
        if version > newest:
            found.append(f"version {version} was told, but {event_id} is at {newest}")
    if lost:
        found.append(f"{len(lost)} of {len(told.reservation_ids)} reservations are lost")
    return found
