"""What gunicorn itself would write into the log, and what is left out of it."""

import json
from typing import Any, NoReturn

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import NoMoreData

from gunicorn_logging import JsonLogger

MARK = "pa55word"


def new_logger() -> JsonLogger:
    """gunicorn's logger at the level debug, on the standard output as it is now."""
    cfg = Config()
    cfg.set("loglevel", "debug")
    return JsonLogger(cfg)


def fail(error: Exception) -> NoReturn:
    """What the application does where it fails."""
    raise error


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was written, line by line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_settings_are_told_without_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    logger = new_logger()
    # As gunicorn's arbiter tells them, a line for each.
    logger.debug(f"Current configuration:\n  bind: x\n  raw_env: ['URL={MARK}']\n  workers: 2")

    [line] = lines(capsys)
    assert line["message"] == "Current configuration:\n  bind: x\n  raw_env: ***\n  workers: 2"


def test_half_of_a_head_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    logger = new_logger()
    error = NoMoreData(f"GET / HTTP/1.1\r\nAuthorization: Bearer {MARK}".encode())

    logger.debug("Ignored premature client disconnection. %s", error)

    [line] = lines(capsys)
    assert line["message"] == "Ignored premature client disconnection. NoMoreData"


def test_failed_request_is_told_without_its_url(capsys: pytest.CaptureFixture[str]) -> None:
    logger = new_logger()
    try:
        fail(RuntimeError("broken"))
    except RuntimeError:
        logger.exception("Error handling request %s %s", "GET", f"/?token={MARK}")

    [line] = lines(capsys)
    assert line["message"] == "Error handling request"
    assert "RuntimeError: broken" in line["exception"]


def test_client_that_takes_nothing_is_no_error_with_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger = new_logger()
    try:
        fail(TimeoutError(110, "Connection timed out"))
    except TimeoutError:
        logger.exception("Socket error processing request.")

    [line] = lines(capsys)
    assert (line["level"], line["message"]) == ("debug", "Socket error processing request.")
    assert "exception" not in line


def test_other_lines_are_told_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    logger = new_logger()
    logger.debug("%s workers, %s", 2, "busy")
    logger.warning("Said %s", "so")

    assert [line["message"] for line in lines(capsys)] == ["2 workers, busy", "Said so"]
