"""A page's examples, pasted one after the other into one bash, as a reader would."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.server import PROJECT, Server

PAGE_URL = "http://127.0.0.1:3000"
PASTE_SECONDS_MAX = 120.0
MARK = "---- end of example ----"
# What a server needs of the project to start from another folder.
SERVED_FILES = (
    "ticketboss",
    "wsgi.py",
    "gunicorn.conf.py",
    "gunicorn_logging.py",
    "gunicorn_refusals.py",
    "gunicorn_reload.py",
    "gunicorn_sockets.py",
)

# A block of commands and, if it is right behind, the block of what they answer.
EXAMPLE = re.compile(r"```sh\n(.*?)```(?:\n\n```(http|text)\n(.*?)```)?", re.DOTALL)
# What differs each time. A zero in its place keeps JSON as it is.
VARYING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    r'|(?<="requestId":")[0-9a-f]{16}'
    r"|(?<=tb_live_|tb_test_)[\w-]{6,43}"
    r'|(?<="opensInMs":)\d+|(?<=It opens in )\d+'
)


@dataclass(frozen=True, slots=True)
class Example:
    """Commands of a page, and what the page says that they print: `http`, `text` or nothing."""

    command: str
    kind: str
    shown: str

    def check(self, output: str) -> None:
        """Fail unless the commands have printed what the page shows, but for what varies."""
        if self.kind == "text":
            assert VARYING.sub("0", output.strip()) == VARYING.sub("0", self.shown.strip())
        elif self.kind == "http":
            shown, answered = http_answer(self.shown), http_answer(output)
            assert answered.status_line == shown.status_line
            assert answered.document == shown.document
            # The pages leave out headers that say nothing here; those that they show must be right.
            assert shown.headers.items() <= answered.headers.items()
        else:
            assert output.strip() == "", "The page does not say what this prints."


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer as `curl -i` prints it, without what differs each time."""

    status_line: str
    headers: dict[str, str]
    document: Any


def http_answer(text: str) -> HttpAnswer:
    """Parse what `curl -i` printed, or a page's shortened copy of it."""
    head, _, body = VARYING.sub("0", text.replace("\r", "")).partition("\n\n")
    status_line, *lines = head.strip().splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    return HttpAnswer(status_line, headers, json.loads(body) if body.strip() else None)


def examples(page: str) -> list[Example]:
    """All examples of a page, in their order."""
    return [Example(*parts) for parts in EXAMPLE.findall((PROJECT / page).read_text())]


def numbered(page: str) -> list[Any]:
    """The examples of a page as parameters of a test: number and example."""
    found = enumerate(examples(page))
    return [pytest.param(number, example, id=str(number)) for number, example in found]


def curl_arguments(page: str) -> list[str]:
    """What stands behind each `curl` of a page's examples, up to the next one; no line goes on."""
    commands = [each.command.replace("\\\n", " ") for each in examples(page)]
    return [arguments for command in commands for arguments in command.split("curl ")[1:]]


def outputs_beside(server: Server, page: str) -> list[str]:
    """What each example of a page prints beside a server that runs already."""
    return _pasted(page, server, PROJECT, server.environment, {})


def outputs_of_guide(
    page: str, folder: Path, replaced: Mapping[str, str] | None = None
) -> list[str]:
    """What each example of a guide prints that starts a server by itself, in an empty folder.

    `replaced` says what stands for what the page has of the reader's own.
    """
    for name in SERVED_FILES:
        (folder / name).symlink_to(PROJECT / name)
    scratch = Server(folder)
    # The guide says itself where its data and settings are: in the folder.
    own = ("DATABASE_URL", "TICKETBOSS_ENV_FILE")
    environment = {name: text for name, text in scratch.environment.items() if name not in own}
    return _pasted(page, scratch, folder, environment, replaced or {})


def for_this_machine(command: str, server: Server) -> str:
    """A page's command with the Python of the tests and the address of a scratch server."""
    return (
        command.replace(PAGE_URL, server.url)
        .replace("make run", ".venv/bin/python -m gunicorn wsgi:app")
        .replace(".venv/bin/python", shlex.quote(sys.executable))
    )


def _pasted(
    page: str,
    server: Server,
    folder: Path,
    environment: Mapping[str, str],
    replaced: Mapping[str, str],
) -> list[str]:
    script = "".join(f"{each.command}printf '\\n{MARK}\\n'\n" for each in examples(page))
    for shown, real in replaced.items():
        assert shown in script
        script = script.replace(shown, real)
    shell = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", for_this_machine(script, server)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        stdout, stderr = shell.communicate(timeout=PASTE_SECONDS_MAX)
    finally:
        # A guide that stopped half-way leaves its server behind, in the shell's process group.
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        shell.communicate()
    outputs = stdout.split(f"\n{MARK}\n")[:-1]
    assert shell.returncode == 0, (
        f"Example {len(outputs)} of {page} failed:\n{stdout[-2000:]}\n{stderr[-2000:]}"
    )
    return outputs
