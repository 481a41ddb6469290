"""The shipped engine, loaded once more from its source, with stand-ins for clock and threads.

The text is that of the package, to the letter, but for bugs that a test plants in it.
"""

import builtins
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.faults.simulation.kernel import Kernel
from tests.faults.simulation.threads import StandIns
from tests.planting import Patch

PACKAGE = Path(__file__).parents[3] / "ticketboss"
# In the order in which they import each other.
MODULES = ("plan", "batch", "committer", "sweeper")


class Engine:
    """Committers and sweepers of one loaded copy; each run binds it to a kernel of its own."""

    def __init__(self, patches: Sequence[Patch] = ()) -> None:
        self._stand_ins = StandIns()
        self._loaded: dict[str, ModuleType] = {}
        for name in MODULES:
            self._loaded[f"ticketboss.engine.{name}"] = self._load(name, patches)
        unused = {patch.file for patch in patches} - {f"engine/{name}.py" for name in MODULES}
        if unused:
            raise ValueError(f"nothing of {sorted(unused)} is loaded here")

    def bind(self, kernel: Kernel, **limits: int) -> None:
        """Have all that is made from now on run on `kernel`; `limits` are constants by name."""
        self._stand_ins.kernel = kernel
        for module in self._loaded.values():
            for name, value in limits.items():
                if hasattr(module, name):
                    setattr(module, name, value)

    def committer(self, *arguments: Any) -> Any:
        """A Committer of this copy."""
        return self._loaded["ticketboss.engine.committer"].Committer(*arguments)

    def sweeper(self, *arguments: Any) -> Any:
        """A Sweeper of this copy."""
        return self._loaded["ticketboss.engine.sweeper"].Sweeper(*arguments)

    def make_plan(self, *arguments: Any) -> Any:
        """A plan by the rules of this copy."""
        return self._loaded["ticketboss.engine.plan"].make_plan(*arguments)

    def _load(self, name: str, patches: Sequence[Patch]) -> ModuleType:
        path = PACKAGE / "engine" / f"{name}.py"
        source = path.read_text(encoding="utf-8")
        for patch in patches:
            if patch.file == f"engine/{name}.py":
                source = patch.applied_to(source)
        module = ModuleType(f"ticketboss.engine.{name}")
        module.__dict__["__builtins__"] = vars(builtins) | {"__import__": self._import}
        exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 - our own source
        return module

    def _import(self, name: str, *rest: Any) -> Any:
        """Give the stand-in, or the copy, where there is one."""
        known = self._stand_ins.modules.get(name) or self._loaded.get(name)
        return known or builtins.__import__(name, *rest)
