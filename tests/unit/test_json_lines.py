"""Log lines as JSON: their members, their order, and their times."""

import json
import logging
import sys
from typing import Any

import pytest

from gunicorn_logging import JsonFormatter

SECOND = 1_700_000_000


def _record(created: float = SECOND, **extra: Any) -> logging.LogRecord:
    facts = {"name": "ticketboss", "levelname": "INFO", "process": 7, "msg": "said %s"}
    moment = {"created": created, "msecs": created % 1 * 1000}
    return logging.makeLogRecord({**facts, "args": ("so",), **moment, **extra})


def _line(record: logging.LogRecord) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(JsonFormatter().format(record))
    return line


def test_what_was_given_as_extra_comes_last_and_in_its_order() -> None:
    line = _line(_record(status=201, path="/events", keyId=None))
    assert list(line) == [
        *("time", "level", "logger", "pid", "message"),
        *("status", "path", "keyId"),
    ]
    assert (line["level"], line["logger"], line["pid"]) == ("info", "ticketboss", 7)
    assert (line["message"], line["status"], line["keyId"]) == ("said so", 201, None)


@pytest.mark.parametrize(
    ("created", "time"),
    [
        (SECOND + 0.25, "2023-11-14T22:13:20.250Z"),
        (SECOND + 0.75, "2023-11-14T22:13:20.750Z"),
        (SECOND + 1.0, "2023-11-14T22:13:21.000Z"),
        # The clock went back.
        (SECOND - 0.5, "2023-11-14T22:13:19.500Z"),
    ],
)
def test_each_line_has_its_own_time(created: float, time: str) -> None:
    _line(_record(SECOND))
    assert _line(_record(created))["time"] == time


def test_what_json_does_not_know_is_told_as_text() -> None:
    assert _line(_record(where={1}))["where"] == "{1}"


def test_an_exception_is_told_with_its_traceback() -> None:
    try:
        int("wrong")
    except ValueError:
        record = _record(exc_info=sys.exc_info())
    assert "ValueError: invalid literal" in _line(record)["exception"]
