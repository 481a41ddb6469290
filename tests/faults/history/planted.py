"""A bug that is planted in a copy of the code, and a server of that copy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.history.stage import Stage
from tests.planting import Patch, copy_of_the_code
from tests.server import Server

Play = Callable[[Stage], None]


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
        self.project = copy_of_the_code(folder / "code", bug.patches)
