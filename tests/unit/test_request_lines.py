"""The lines of requests, which are written without a LogRecord: the same as all others."""

import io
import json
import logging
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TextIO

import pytest

from gunicorn_logging import JsonFormatter, RequestLogger
from tests.server import PROJECT

FACTS: dict[str, Any] = {"requestId": "r-1", "keyId": None, "path": '/é"\n', "status": 201}

# Whoever made a record here would fail.
WITHOUT_RECORDS = """
import logging
from gunicorn.config import Config
from gunicorn_logging import JsonLogger
cfg = Config()
JsonLogger(cfg)
logging.Logger.makeRecord = None
logging.getLogger("ticketboss.request").info("request", extra={"status": 201})
"""


class HalfAtATime(io.StringIO):
    """A stream that lets other threads go in the middle of a line."""

    def write(self, text: str) -> int:
        middle = len(text) // 2
        super().write(text[:middle])
        time.sleep(0)
        return middle + super().write(text[middle:])


class Full(io.StringIO):
    """A stream on a full disk."""

    def flush(self) -> None:
        raise OSError("No space left on device")


def _logger(stream: io.StringIO, *, straight: bool = True) -> RequestLogger:
    handler: logging.StreamHandler[TextIO] = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = RequestLogger("ticketboss.request", logging.INFO)
    logger.addHandler(handler)
    logger.straight_to = handler if straight else None
    return logger


def _written(*, straight: bool) -> list[tuple[str, Any]]:
    stream = io.StringIO()
    _logger(stream, straight=straight).info("request", extra=FACTS)
    line: dict[str, Any] = json.loads(stream.getvalue())
    assert time.strptime(line.pop("time")[:19], "%Y-%m-%dT%H:%M:%S")
    return list(line.items())


def test_line_is_the_one_that_a_record_would_make() -> None:
    line = _written(straight=True)
    assert line == _written(straight=False)
    assert line[-len(FACTS) :] == list(FACTS.items())


def test_gunicorn_writes_lines_of_requests_without_a_record() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_RECORDS],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["status"] == 201


def test_level_holds_for_them_as_well() -> None:
    stream = io.StringIO()
    logger = _logger(stream)
    logger.setLevel(logging.WARNING)
    logger.info("request", extra=FACTS)
    assert stream.getvalue() == ""


def test_what_is_more_than_facts_goes_the_usual_way() -> None:
    stream = io.StringIO()
    logger = _logger(stream)
    logger.info("said %s", "so", extra=FACTS)
    logger.info("alone")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["message"] for line in lines] == ["said so", "alone"]


def test_line_that_cannot_be_written_fails_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    _logger(Full()).info("request", extra=FACTS)
    assert "No space left on device" in capsys.readouterr().err


def test_lines_of_several_threads_stay_whole() -> None:
    stream = HalfAtATime()
    logger = _logger(stream)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: logger.info("request", extra={"number": n}), range(400)))
    numbers = [json.loads(line)["number"] for line in stream.getvalue().splitlines()]
    assert sorted(numbers) == list(range(400))
