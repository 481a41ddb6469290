"""The README's examples, pasted beside a real server; and the commands of docs/operations.md."""

import re
import shlex
from pathlib import Path

import pytest

from tests.pasting import Example, examples, http_answer, numbered, outputs_beside
from tests.server import PROJECT, Server

README = "README.md"
OPERATOR_COMMAND = re.compile(r"^python -m ticketboss events (.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each example prints on a server that was started for the first time."""
    with Server(tmp_path_factory.mktemp("readme")) as server:
        return outputs_beside(server, README)


@pytest.mark.parametrize(("number", "example"), numbered(README))
def test_example_answers_what_the_readme_shows(
    number: int, example: Example, outputs: list[str]
) -> None:
    example.check(outputs[number])


def test_every_example_of_the_readme_shows_its_answer() -> None:
    assert [example.command for example in examples(README) if not example.kind] == []


def test_examples_of_the_readme_show_each_outcome() -> None:
    answers = [example.shown for example in examples(README) if example.kind == "http"]
    shown = {http_answer(text).status_line.split()[1] for text in answers}
    assert shown == {"200", "201", "204", "404", "409", "412"}
    assert any("Idempotent-Replayed: true" in text for text in answers)


def test_commands_that_change_what_is_on_sale_work_in_their_order(tmp_path: Path) -> None:
    scratch = Server(tmp_path)
    for arguments in ("migrate", "events create big-hall --name 'Big hall' --seats 20000"):
        assert scratch.command(*shlex.split(arguments)).returncode == 0
    commands = OPERATOR_COMMAND.findall((PROJECT / "docs/operations.md").read_text())
    assert {command.split()[0] for command in commands} == {
        "show", "update", "pause", "pause-all", "resume", "cancel"
    }  # fmt: skip
    for command in commands:
        confirmed = ["--yes"] if command.startswith("cancel") else []
        done = scratch.command("events", *shlex.split(command), *confirmed)
        assert done.returncode == 0, (command, done.stderr)


def test_readme_names_the_packages_that_ci_installs() -> None:
    script = (PROJECT / ".ci/run").read_text()
    [programs] = re.findall(r"for command in ([\w -]+); do\n\s+command -v", script)
    others = re.findall(r"missing\+=\(([\w -]+)\)", script)
    [named] = re.findall(r"^apt install (.+)$", (PROJECT / README).read_text(), re.MULTILINE)
    assert {"strace", "faketime"} <= set(programs.split())
    assert named.split() == " ".join([programs, *others]).split()
