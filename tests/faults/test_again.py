"""What a long form has found is found once more by the command that it prints."""

import logging
import re
import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tests.faults.again import again
from tests.faults.bad_clients import __main__ as bad_clients
from tests.faults.bad_clients.run import Measured
from tests.faults.io import __main__ as io
from tests.faults.io import damaging, flips
from tests.faults.io.damage import Damage
from tests.faults.io.harness import Stage
from tests.faults.io.witness import Answers, Witness
from tests.faults.power import __main__ as power
from tests.faults.power.planted import SYNCHRONOUS_NORMAL
from tests.faults.power.recording import record
from tests.faults.power.trace import Step
from tests.faults.simulation import __main__ as simulation
from tests.faults.simulation.engine import Engine
from tests.faults.simulation.planted import BUGS
from tests.faults.simulation.run import Verdict, simulate
from tests.planting import Patch, copy_of_the_code

pytestmark = pytest.mark.sqlite_only("it is about the tests themselves")

AGAIN = re.compile(r"^Again: python -m tests\.faults\.(\S+) (.+)$", re.MULTILINE)
NO_REFUSAL = Patch(
    "repository/sqlite/connection.py",
    "            raise OutcomeUnknown(reason(error)) from error\n",
    "            pass\n",
)


def found_by(command: click.Command, options: str) -> str:
    """All that the command prints, which must have found something."""
    done = CliRunner().invoke(command, shlex.split(options))
    assert done.exit_code == 1, done.output
    return done.output


def played_again(command: click.Command, program: str, options: str) -> Iterator[tuple[str, str]]:
    """What was printed first, and by each of the commands that it names."""
    first = found_by(command, options)
    named = AGAIN.findall(first)
    assert named
    for name, its_options in named:
        assert name == program
        yield first, found_by(command, its_options)


def lines_with(text: str, output: str) -> set[str]:
    """The lines in which a text is, up to that text."""
    return {line.partition(text)[0] for line in output.splitlines() if text in line}


def test_a_command_can_be_pasted() -> None:
    assert again("io", "--span", "for ever", "--first", 3) == (
        "Again: python -m tests.faults.io --span 'for ever' --first 3"
    )


@pytest.mark.usefixtures("strace")
def test_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(folder: Path, requests: int, seed: int, _: object) -> list[Step]:
        return record(folder, requests, seed, SYNCHRONOUS_NORMAL)

    monkeypatch.setattr(power, "record", careless)
    # That is where the recording is left.
    monkeypatch.chdir(tmp_path)
    [(first, second)] = played_again(power.main, "power", "--requests 40 --seed 2")
    assert lines_with(" lost, seed ", first) & lines_with(" lost, seed ", second)


@pytest.mark.usefixtures("strace")
def test_a_play_with_failing_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    careless = copy_of_the_code(tmp_path / "code", [NO_REFUSAL])
    monkeypatch.setattr(io, "Stage", partial(Stage, project=careless))
    options = "--seed 3 --call sync --error EIO --span once --every 6"
    runs = list(played_again(io.main, "io", options))
    # Behind that come ids, which are others each time.
    once_more = [lines_with(" on: ", second) for _, second in runs]
    assert set().union(*once_more) == lines_with(" on: ", runs[0][0])
    assert {len(lines) for lines in once_more} == {1}


def test_damaged_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def verdict(_: Witness, __: Answers, ___: list[str], damage: Damage) -> str:
        return "broken: nobody looked" if damage.at % 2 else "without effect"

    monkeypatch.setattr(flips, "_verdict", verdict)
    [(first, second)] = played_again(damaging.main, "io.damaging", "--seed 4 --bits 6 --cuts 2")
    assert lines_with(": broken", first) == lines_with(": broken", second)
    # It was without a log, but the tests behind this one need theirs.
    assert logging.root.manager.disable == logging.NOTSET


def test_a_seed_of_the_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    [bug] = [bug for bug in BUGS if bug.name == "A lost race is a refusal"]

    def simulate_all(seeds: range, over: float) -> list[Verdict]:
        return [simulate(seed, Engine(bug.patches)) for seed in seeds]

    # In this process, which has the bug.
    monkeypatch.setattr(simulation, "ProcessPoolExecutor", lambda jobs, _: ThreadPoolExecutor(jobs))
    monkeypatch.setattr(simulation, "simulate_all", simulate_all)
    monkeypatch.setattr(simulation, "Engine", partial(Engine, bug.patches))
    for first, second in played_again(simulation.main, "simulation", "--seeds 40 --jobs 1"):
        violations = {line for line in second.splitlines() if line.startswith("seed ")}
        assert violations <= set(first.splitlines())
        assert violations


def test_a_round_of_bad_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[tuple[float, int]] = []

    def measure(_: object, seconds: float, seed: int) -> Measured:
        rounds.append((seconds, seed))
        wrong = ["noise 1: [500]"] if seed == 6 else []
        crowd: dict[str, Any] = {"acts": {}, "answers": {}, "violations": wrong}
        return Measured(5.0, 50.0, 90.0, 1_000, 50.0, 100.0, 60.0, crowd)

    monkeypatch.setattr(bad_clients, "measure", measure)
    [_] = played_again(bad_clients.main, "bad_clients", "--seconds 300 --seed 5")
    assert rounds == [(30, 5), (30, 6), (30, 6)]
