"""The README's examples, pasted one after the other into a shell beside a real server."""

import json
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from tests.server import PROJECT, Server

README_URL = "http://127.0.0.1:3000"
README_PYTHON = ".venv/bin/python"
MARK = "---- end of example ----"

# A block of commands and, right behind it, the block of what they answer.
EXAMPLE = re.compile(r"```sh\n(.*?)```\n\n```(http|text)\n(.*?)```", re.DOTALL)
# What differs each time.
VARYING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    r'|(?<="requestId":")[0-9a-f]{16}'
)

EXAMPLES = EXAMPLE.findall((PROJECT / "README.md").read_text())


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
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the examples print on a server that has just been started for the first time."""
    with Server(tmp_path_factory.mktemp("readme")) as server:
        script = "".join(f"{command}printf '\\n{MARK}\\n'\n" for command, _, _ in EXAMPLES)
        script = script.replace(README_URL, server.url)
        script = script.replace(README_PYTHON, shlex.quote(sys.executable))
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


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_answers_what_the_readme_shows(number: int, outputs: list[str]) -> None:
    command, kind, expected = EXAMPLES[number]
    if kind == "text":
        assert outputs[number].strip() == expected.strip(), command
        return
    shown, answered = http_answer(expected), http_answer(outputs[number])
    assert answered.status_line == shown.status_line, command
    assert answered.document == shown.document, command
    # The README leaves out headers that say nothing here; those that it shows must be right.
    assert shown.headers.items() <= answered.headers.items(), command


def test_examples_show_each_outcome() -> None:
    shown = {
        http_answer(text).status_line.split()[1] for _, kind, text in EXAMPLES if kind == "http"
    }
    assert shown == {"200", "201", "204", "404", "409", "412"}
    assert any("Idempotent-Replayed: true" in text for _, _, text in EXAMPLES)
