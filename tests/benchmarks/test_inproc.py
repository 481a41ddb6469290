"""The application called in process: what is measured is what was asked for."""

import re
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from benchmarks.inproc.__main__ import main, markdown
from benchmarks.inproc.calls import HELLO, KINDS, Call, microseconds


def test_a_short_run_tells_of_each_kind_of_call() -> None:
    run = CliRunner().invoke(main, ["--rounds", "2", "--requests", "64"])

    assert run.exit_code == 0, run.output
    for kind in KINDS:
        assert re.search(rf"^\| {re.escape(kind)} \| [\d,]+ \(", run.output, re.MULTILINE)
    assert f"| {HELLO} | " in run.output
    assert "| 1.00 (1.00 to 1.00) |" in run.output
    assert "- commit: " in run.output


def test_ratios_are_taken_within_each_round() -> None:
    found = {kind: [200.0, 800.0, 500.0] for kind in KINDS} | {HELLO: [100.0, 400.0, 200.0]}

    report = markdown({}, found)

    assert f"| {KINDS[0]} | 500 (200 to 800) | 2.00 (2.00 to 2.50) |" in report


def test_a_call_that_is_refused_ends_the_run() -> None:
    client, server = socket.socketpair()
    refused = Call(Flask("empty"), "GET", "/events/nowhere", "200 OK")

    with client, server, pytest.raises(RuntimeError, match="GET /events/nowhere: 404 NOT FOUND"):
        microseconds(refused, server, requests=32)


def test_an_environ_is_made_anew_for_each_call() -> None:
    client, server = socket.socketpair()
    call = Call(Flask("empty"), "POST", "/", "201 CREATED")

    with client, server:
        first, second = call.environ(server), call.environ(server)

    assert first["wsgi.input"].read() == second["wsgi.input"].read() != b""


def test_the_page_on_speed_names_the_program(pytestconfig: pytest.Config) -> None:
    page = Path(pytestconfig.rootpath) / "docs/decisions/speed.md"

    assert "`python -m benchmarks.inproc`" in page.read_text()
