"""Log lines as JSON, for gunicorn's master and its workers.

Beside gunicorn.conf.py and not in ticketboss/, which the master never imports.
"""

import json
import logging
import os
import re
import sys
import time
from functools import lru_cache
from typing import Any, TextIO

from gunicorn import glogging

_encode = json.JSONEncoder(default=str).encode
# gunicorn's settings as it tells them at the level debug: these have the environment in them.
_SETTINGS_TOLD = "Current configuration:"
_ENVIRONMENT = re.compile(r"^  raw_env: .*$", re.MULTILINE)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: the message, and whatever was given as `extra`."""

    STANDARD = frozenset(vars(logging.makeLogRecord({})))

    def format(self, record: logging.LogRecord) -> str:
        line = _line(record.created, record.levelname, record.name, record.getMessage())
        line["pid"] = record.process
        line |= {name: value for name, value in vars(record).items() if name not in self.STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line)


def _line(created: float, level: str, logger: str, message: object) -> dict[str, Any]:
    return {
        "time": f"{_second(int(created))}.{int(created % 1 * 1000):03d}Z",
        "level": level.lower(),
        "logger": logger,
        "pid": os.getpid(),
        "message": message,
    }


@lru_cache(maxsize=1)
def _second(unix_seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(unix_seconds))


class RequestLogger(logging.Logger):
    """Writes the line of a request at once: a LogRecord costs more than the line itself.

    That is where standard output is all that is written to; elsewhere it is a Logger like any.
    """

    straight_to: logging.StreamHandler[TextIO] | None = None

    def info(self, msg: object, *args: object, **kwargs: Any) -> None:
        handler, extra = self.straight_to, kwargs.get("extra")
        if handler is None or args or len(kwargs) != 1 or extra is None:
            super().info(msg, *args, **kwargs)
        elif self.isEnabledFor(logging.INFO):
            text = _encode(_line(time.time(), "info", self.name, msg) | extra)
            handler.acquire()
            try:
                handler.stream.write(text + handler.terminator)
                handler.stream.flush()
            except (OSError, ValueError):
                # As any Handler does: a log that cannot be written fails no request.
                handler.handleError(logging.makeLogRecord({"msg": msg}))
            finally:
                handler.release()


def _request_logger() -> logging.Logger:
    usual = logging.getLoggerClass()
    logging.setLoggerClass(RequestLogger)
    try:
        return logging.getLogger("ticketboss.request")
    finally:
        logging.setLoggerClass(usual)


class JsonLogger(glogging.Logger):  # type: ignore[misc]
    """gunicorn's messages and the application's, on standard output, one JSON object a line."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        # A malformed request is quoted behind the address, with whatever its URL carries.
        if msg.startswith("Invalid request from ip="):
            msg = msg.partition(": ")[0]
        super().warning(msg, *args, **kwargs)

    def debug(self, msg: str, *args: Any, **kwargs: Any) -> None:
        # The text of an error may be the half of a head that has come, a key in it.
        told = [type(each).__name__ if isinstance(each, Exception) else each for each in args]
        if msg.startswith(_SETTINGS_TOLD):
            msg = _ENVIRONMENT.sub("  raw_env: ***", msg)
        super().debug(msg, *told, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if isinstance(sys.exc_info()[1], TimeoutError):
            # A client that took nothing of its answer for so long; no bug, and cheap to repeat.
            super().debug(msg, *args, **kwargs)
            return
        # With the method and the URL, whose query may have anything in it.
        if msg.startswith("Error handling request"):
            msg, args = "Error handling request", ()
        super().exception(msg, *args, **kwargs)

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        ours = logging.getLogger("ticketboss")
        ours.setLevel(self.loglevel)
        ours.propagate = False
        ours.handlers = list(self.error_log.handlers)
        for handler in ours.handlers:
            handler.setFormatter(JsonFormatter())
            if type(handler) is logging.StreamHandler:
                handler.setStream(sys.stdout)
        requests = _request_logger()
        if isinstance(requests, RequestLogger):
            requests.straight_to = _only_stream(ours.handlers)


def _only_stream(handlers: list[logging.Handler]) -> logging.StreamHandler[TextIO] | None:
    # Not a file, which gunicorn opens anew when it is told to (SIGUSR1).
    one = handlers[0] if len(handlers) == 1 else None
    return one if type(one) is logging.StreamHandler else None
