"""Where a report goes: the official figures are replaced by official runs alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

RESULTS = Path(__file__).parent / "results"
# Ignored by git.
TRIALS = RESULTS / "trial"

output_option = click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder; otherwise benchmarks/results, or trial/ in it unless the run is official.",
)


@dataclass(frozen=True, slots=True)
class Form:
    """The settings of a run beside the official ones, by the same names."""

    settings: Mapping[str, object]
    official: Mapping[str, object]

    @property
    def is_official(self) -> bool:
        """Whether nothing was set otherwise."""
        return not list(self._changed())

    @property
    def told(self) -> str:
        """For the report."""
        if self.is_official:
            return "official"
        return f"a trial, with {'; '.join(self._changed())}"

    def require_folder(self, asked_for: Path | None) -> None:
        """Raise click.UsageError where a trial was told to replace the official figures."""
        if asked_for and asked_for.resolve() == RESULTS.resolve() and not self.is_official:
            raise click.UsageError(f"{RESULTS} is for official runs, and this is {self.told}.")

    def folder(self, asked_for: Path | None, is_sound: bool = True) -> Path:
        """Where the report goes, made if need be; a run that is not sound is no official one."""
        folder = asked_for or RESULTS
        if folder.resolve() == RESULTS.resolve() and not (self.is_official and is_sound):
            folder = TRIALS
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _changed(self) -> Iterator[str]:
        for name, value in self.settings.items():
            if value != self.official[name]:
                yield f"{name} {_shown(value)} (official: {_shown(self.official[name])})"


def _shown(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return ", ".join(map(_shown, value)) if isinstance(value, tuple) else str(value)
