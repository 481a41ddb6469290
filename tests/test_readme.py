"""A page's examples, pasted one after the other into a shell beside a real server of its own."""

import json
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.server import PROJECT, Server

PAGE_URL = "http://127.0.0.1:3000"
PAGE_PYTHON = ".venv/bin/python"
MARK = "---- end of example ----"

# A block of commands and, right behind it, the block of what they answer.
EXAMPLE = re.compile(r"```sh\n(.*?)```\n\n```(http|text)\n(.*?)```", re.DOTALL)
OPERATOR_COMMAND = re.compile(r"^python -m ticketboss events (.*)$", re.MULTILINE)
# What differs each time.
VARYING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    r'|(?<="requestId":")[0-9a-f]{16}'
)

README, GUIDE = "README.md", "docs/partner-guide.md"
EXAMPLES = {page: EXAMPLE.findall((PROJECT / page).read_text()) for page in (README, GUIDE)}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer as `curl -i` prints it, without what differs each time."""

    status_line: str
    headers: dict[str, str]
    document: Any


def http_answer(text: str) -> HttpAnswer:
    head, _, body = VARYING.sub("*", text.replace("\r", "")).partition("\n\n")
    status_line, *lines = head.strip().splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    return HttpAnswer(status_line, headers, json.loads(body) if body.strip() else None)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each page's examples print on a server that was started for the first time."""
    return {page: _pasted(page, tmp_path_factory.mktemp("page")) for page in EXAMPLES}


def _pasted(page: str, folder: Path) -> list[str]:
    with Server(folder) as server:
        script = "".join(f"{command}printf '\\n{MARK}\\n'\n" for command, _, _ in EXAMPLES[page])
        script = script.replace(PAGE_URL, server.url)
        script = script.replace(PAGE_PYTHON, shlex.quote(sys.executable))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=PROJECT,
            env=server.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split(f"\n{MARK}\n")


@pytest.mark.parametrize(
    ("page", "number"),
    [(page, number) for page, examples in EXAMPLES.items() for number in range(len(examples))],
)
def test_example_answers_what_its_page_shows(
    page: str, number: int, outputs: dict[str, list[str]]
) -> None:
    command, kind, expected = EXAMPLES[page][number]
    output = outputs[page][number]
    if kind == "text":
        assert VARYING.sub("*", output.strip()) == VARYING.sub("*", expected.strip()), command
        return
    shown, answered = http_answer(expected), http_answer(output)
    assert answered.status_line == shown.status_line, command
    assert answered.document == shown.document, command
    # The pages leave out headers that say nothing here; those that they show must be right.
    assert shown.headers.items() <= answered.headers.items(), command


def test_every_command_of_a_page_is_an_example() -> None:
    for page, examples in EXAMPLES.items():
        assert (PROJECT / page).read_text().count("```sh\n") == len(examples), page


def test_commands_that_change_what_is_on_sale_work_in_their_order(tmp_path: Path) -> None:
    scratch = Server(tmp_path)
    for arguments in ("migrate", "events create big-hall --name 'Big hall' --seats 20000"):
        assert scratch.command(*shlex.split(arguments)).returncode == 0
    commands = OPERATOR_COMMAND.findall((PROJECT / "docs/operations.md").read_text())
    assert {command.split()[0] for command in commands} == {
        "show", "update", "pause", "resume", "cancel"
    }  # fmt: skip
    for command in commands:
        confirmed = ["--yes"] if command.startswith("cancel") else []
        done = scratch.command("events", *shlex.split(command), *confirmed)
        assert done.returncode == 0, (command, done.stderr)


def test_examples_of_the_readme_show_each_outcome() -> None:
    examples = EXAMPLES[README]
    shown = {
        http_answer(text).status_line.split()[1] for _, kind, text in examples if kind == "http"
    }
    assert shown == {"200", "201", "204", "404", "409", "412"}
    assert any("Idempotent-Replayed: true" in text for _, _, text in examples)
