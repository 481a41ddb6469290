"""A bug that is planted in a copy of the code, and a server of that copy."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.history.stage import Stage
from tests.server import PROJECT, Server

COPIED = ("wsgi.py", "gunicorn.conf.py", "gunicorn_logging.py", "gunicorn_refusals.py")
Play = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Patch:
    """One replacement of what stands in a file of the package just once."""

    file: str
    before: str
    after: str

    def apply(self, package: Path) -> None:
        """Replace it. Raises ValueError where the code no longer has it, or has it twice."""
        path = package / self.file
        source = path.read_text(encoding="utf-8")
        count = source.count(self.before)
        if count != 1:
            raise ValueError(f"{self.file} has {count} times {self.before!r}: mend this patch")
        path.write_text(source.replace(self.before, self.after), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Bug:
    """What is wrong, how it gets in, what must be asked to see it, and which check sees it.

    Without a `play`, many clients ask for everything for a while. `settings` are the server's.
    """

    name: str
    patches: Sequence[Patch]
    caught_by: str
    play: Play | None = None


class PlantedServer(Server):
    """A server of a copy of the code, with a bug in it."""

    def __init__(self, folder: Path, bug: Bug, **settings: str | int) -> None:
        super().__init__(folder, **settings)
        # Its own folder, so that what it leaves is not taken for code.
        self.project = folder / "code"
        self.project.mkdir()
        # With the compiled modules: they are as old as their sources, so they need not be made.
        shutil.copytree(PROJECT / "ticketboss", self.project / "ticketboss")
        for name in COPIED:
            shutil.copy2(PROJECT / name, self.project / name)
        for patch in bug.patches:
            patch.apply(self.project / "ticketboss")
