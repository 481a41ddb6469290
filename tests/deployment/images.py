"""The Dockerfile, read as far as it can be without a container engine."""

import json
import re
import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.server import PROJECT

FOLDER = PROJECT / "deploy" / "docker"
FOLDED = re.compile(r"\\\n\s*")
HEALTHCHECK_OPTION = re.compile(r"^(?:--\S+ )+")


@dataclass
class Stage:
    """One stage: what it starts from, and its instructions in their order."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        """What stands behind each instruction of this name."""
        return [rest for instruction, rest in self.instructions if instruction == name]

    def one(self, name: str) -> str:
        """What stands behind the one instruction of this name."""
        (rest,) = self.all(name)
        return rest

    def environment(self) -> dict[str, str]:
        """The variables that a container of it begins with."""
        words = [word for line in self.all("ENV") for word in shlex.split(line)]
        return dict(word.split("=", 1) for word in words)

    def copied(self) -> list[str]:
        """What it takes from the project."""
        lines = [line.split() for line in self.all("COPY") if not line.startswith("--from")]
        return [source for words in lines for source in words[:-1]]

    def command(self) -> list[str]:
        """The words that a container of it runs."""
        words: list[str] = json.loads(self.one("CMD"))
        return words

    def health_command(self) -> list[str]:
        """The words that tell whether a container of it is well."""
        rest = HEALTHCHECK_OPTION.sub("", self.one("HEALTHCHECK"))
        words: list[str] = json.loads(rest.removeprefix("CMD "))
        return words

    def copy_to(self, folder: Path) -> None:
        """Put into a folder what the image takes from the project, and nothing else."""
        for source in self.copied():
            target = folder / source
            target.parent.mkdir(parents=True, exist_ok=True)
            if (PROJECT / source).is_dir():
                shutil.copytree(PROJECT / source, target)
            else:
                shutil.copy(PROJECT / source, target)


def stages() -> dict[str, Stage]:
    """The stages of the Dockerfile by their names."""
    text = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in FOLDED.sub("", text).splitlines() if line and line[0] != "#"]
    found: dict[str, Stage] = {}
    stage: Stage | None = None
    for line in lines:
        name, _, rest = line.partition(" ")
        if name == "FROM":
            base, _, own = rest.partition(" AS ")
            stage = found[own] = Stage(own, base)
        elif stage is not None:
            stage.instructions.append((name, rest))
    return found
