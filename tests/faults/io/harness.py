"""One fault at every call of a play, each in a process and a database of its own."""

import itertools
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.io.checks import Aftermath
from tests.faults.io.faults import CALLS, Fault, only_about
from tests.faults.io.play import Play
from tests.faults.io.runs import PROCESSES, TOLD, TOLD_LATER, Orders, driver
from tests.faults.io.told import Told
from tests.faults.power.trace import DATABASE, TRACED_BYTES_MAX, TRACED_CALLS
from tests.server import PROJECT

STRACES_AT_ONCE = 4
PLAYS_PER_STRACE_MAX = 40
# How many times the calls of an undisturbed play one makes that goes on behind another, at most.
CALLS_LATER_MAX = 4


@dataclass(frozen=True, slots=True)
class Broken:
    """What was wrong with the play whose calls failed from the `first` one on."""

    fault: Fault
    first: int
    complaint: str

    def __str__(self) -> str:
        return f"{self.fault} from call {self.first} on: {self.complaint}"


@dataclass(slots=True)
class Outcome:
    """What all plays with one fault came to; `answers` are those given while calls failed."""

    fault: Fault
    plays: int = 0
    cuts: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    recovered: int = 0
    broken: list[Broken] = field(default_factory=list)


class Stage:
    """A prepared database and the code that plays on it, with room for what they leave."""

    def __init__(
        self, folder: Path, *, rollback_journal: bool = False, project: Path = PROJECT
    ) -> None:
        self._folder = folder
        self._rollback_journal = rollback_journal
        self._project = project
        self._template = folder / "template"
        self._template.mkdir()
        self._driver = driver(rollback_journal=rollback_journal)
        self._prepare()
        self._numbers = itertools.count(1)
        self._counted: dict[str, int] = {}

    def calls(self, call: str) -> int:
        """How many calls of a kind an undisturbed play makes."""
        if call not in self._counted:
            folder = self._strace(call, [], [1], last=1, hopeful=True)
            names = tuple(f"{name}(" for name in CALLS[call].split(","))
            self._counted[call] = sum(line.startswith(names) for line in _traced(folder, 1))
        return self._counted[call]

    def fail(self, fault: Fault, firsts: Sequence[int], seed: int) -> Outcome:
        """Play once for each number of a call that is the first to fail.

        Where they fail for ever the process is killed, and the play goes on in another one.
        """
        outcome = Outcome(fault)
        size = min(PLAYS_PER_STRACE_MAX, -(-len(firsts) // STRACES_AT_ONCE))
        parts = [list(firsts[start : start + size]) for start in range(0, len(firsts), size)]
        last = max(firsts)
        if not fault.passes:
            # strace counts in the other process as well, whose calls are to succeed.
            last += CALLS_LATER_MAX * self.calls(fault.call)
        with ThreadPoolExecutor(STRACES_AT_ONCE) as threads:
            folders = threads.map(
                lambda part: self._strace(
                    fault.call, fault.injected(last), part, last, hopeful=fault.passes
                ),
                parts,
            )
            for part, folder in zip(parts, folders, strict=True):
                for first in part:
                    self._look_at(folder, first, outcome, seed)
        return outcome

    def _prepare(self) -> None:
        work = self._folder / "prepared"
        work.mkdir()
        play = Play(work / DATABASE, self._driver)
        play.prepare()
        # While it is open, so that the log is among them; by another process, for its locks.
        files = [path for path in work.iterdir() if not path.name.endswith("-shm")]
        subprocess.run(["cp", *files, self._template], check=True)
        play.close()

    def _strace(
        self, call: str, injected: list[str], firsts: list[int], last: int, *, hopeful: bool
    ) -> Path:
        folder = self._folder / f"{call}-{next(self._numbers)}"
        folder.mkdir()
        orders = Orders(
            str(folder), str(self._template), call, firsts, last, hopeful, self._rollback_journal
        ).write()
        traced = f"trace={TRACED_CALLS},{CALLS[call]}"
        options = ["-y", "-xx", "-s", str(TRACED_BYTES_MAX), "-o", str(folder / "trace")]
        # Every program opens files all the time; no image is made from what then is left out.
        about = only_about(folder / "work" / DATABASE) if call == "open" else []
        strace = ["strace", "-ff", "--seccomp-bpf", *options, "-e", traced, *about, *injected]
        subprocess.run(
            [*strace, sys.executable, "-m", "tests.faults.io.runs", str(orders)],
            # What is imported comes from here first: a copy of the code has no tests.
            cwd=self._project,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            check=True,
        )
        return folder

    def _look_at(self, folder: Path, first: int, outcome: Outcome, seed: int) -> None:
        place = folder / str(first)
        told = Told.read(place / TOLD)
        outcome.plays += 1
        outcome.answers.update(told.answers)
        if not outcome.fault.passes:
            told = told.followed_by(Told.read(place / TOLD_LATER))
        outcome.recovered += told.recovered
        aftermath = Aftermath(place, told, outcome.fault, self._driver)
        found = aftermath.wrong()
        if outcome.fault.call != "open":
            cuts, after_cuts = aftermath.wrong_after_cuts(
                _traced(folder, first),
                folder / "work" / DATABASE,
                self._template,
                f"{seed}-{first}",
            )
            outcome.cuts += cuts
            found += after_cuts
        outcome.broken += [Broken(outcome.fault, first, each) for each in found]


def _traced(folder: Path, first: int) -> list[str]:
    """What the processes of a play did, one after the other."""
    processes = (folder / str(first) / PROCESSES).read_text().split()
    traces = [folder / f"trace.{process}" for process in processes]
    return [line for trace in traces for line in trace.read_text().splitlines()]
