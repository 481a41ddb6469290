"""A copy of the code that serves, with a bug in it. The shipped code has no switch for any."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.server import PROJECT


@dataclass(frozen=True, slots=True)
class Patch:
    """One replacement of what stands in a file of the package just once."""

    file: str
    before: str
    after: str

    def applied_to(self, source: str) -> str:
        """The file's text with the bug in it. Raises ValueError unless the text is there once."""
        count = source.count(self.before)
        if count != 1:
            raise ValueError(f"{self.file} has {count} times {self.before!r}: mend this patch")
        return source.replace(self.before, self.after)

    def apply(self, package: Path) -> None:
        """Replace it. Raises ValueError where the code no longer has it, or has it twice."""
        path = package / self.file
        path.write_text(self.applied_to(path.read_text(encoding="utf-8")), encoding="utf-8")


def copy_of_the_code(folder: Path, patches: Iterable[Patch]) -> Path:
    """Make a folder that a server can be started from; gives that folder."""
    folder.mkdir()
    # With the compiled modules: they are as old as their sources, so they need not be made.
    shutil.copytree(PROJECT / "ticketboss", folder / "ticketboss")
    for path in PROJECT.glob("*.py"):
        shutil.copy2(path, folder)
    for patch in patches:
        patch.apply(folder / "ticketboss")
    return folder
