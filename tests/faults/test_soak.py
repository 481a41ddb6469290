"""The long run of everything: each program takes what it is given, and a finding is told."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from tests.faults.soak import PARTS, Part, main
from tests.server import PROJECT


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The programs that were started, of which that of the history finds something."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, int("tests.faults.history" in command))

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def extents(commands: Sequence[list[str]]) -> list[str]:
    """What comes behind the names of the programs."""
    return [" ".join(command[3:]) for command in commands]


@pytest.mark.usefixtures("strace")
def test_a_finding_is_told_and_the_others_are_run_all_the_same(ran: list[list[str]]) -> None:
    told = CliRunner().invoke(main, ["--seconds", "100", "--seed", "7"])
    assert told.exit_code == 1
    assert told.output.endswith(
        "Something was found by:\npython -m tests.faults.history --seconds 15 --seed 7\n"
    )
    assert len(ran) == len(PARTS)
    assert "--seconds 25 --seed 7" in extents(ran)


@pytest.mark.usefixtures("strace")
def test_without_a_time_each_part_goes_to_its_end(ran: list[list[str]]) -> None:
    told = CliRunner().invoke(main, ["--part", "nemeses", "--part", "power"])
    assert told.exit_code == 0
    assert told.output.endswith("Nothing was found.\n")
    assert extents(ran) == ["--kills 1000 --seed 1", "--recordings 5 --seed 1"]


def test_parts_that_are_chosen_share_all_of_the_time_and_take_seeds_of_their_own(
    ran: list[list[str]],
) -> None:
    chosen = ("--part", "simulation", "--part", "history")
    CliRunner().invoke(main, ["--seconds", "100", "--seed", "3", *chosen])
    assert extents(ran) == ["--seconds 60 --seed 3", "--seconds 40 --first 200001"]


def test_shares_are_all_of_the_time() -> None:
    assert sum(part.share for part in PARTS) == pytest.approx(1)


def _with_options(part: Part) -> list[str]:
    """The program with the options that it is given with a time and without."""
    return [*part.command(None, 1), *part.command(600.0, 1)[3:]]


@pytest.fixture(scope="module")
def helped() -> Iterator[dict[str, Future[subprocess.CompletedProcess[bytes]]]]:
    """What each program says of itself, two at a time."""

    def ask(part: Part) -> subprocess.CompletedProcess[bytes]:
        # --help is obeyed once the options before it are understood.
        command = [*_with_options(part), "--help"]
        return subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)

    with ThreadPoolExecutor(2) as threads:
        yield {part.name: threads.submit(ask, part) for part in PARTS}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_program_has_the_options_that_it_is_given(
    part: Part, helped: dict[str, Future[subprocess.CompletedProcess[bytes]]]
) -> None:
    command = _with_options(part)
    told = helped[part.name].result()
    assert told.returncode == 0, told.stderr
    options = {option for option in command if option.startswith("--")}
    assert options <= set(told.stdout.decode().split())
    assert command[0] == sys.executable
