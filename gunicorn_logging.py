"""Log lines as JSON, for gunicorn's master and its workers.

Beside gunicorn.conf.py and not in ticketboss/, which the master never imports.
"""

import json
import logging
import sys
import time
from functools import lru_cache
from typing import Any

from gunicorn import glogging


class JsonFormatter(logging.Formatter):
    """One JSON object a line: the message, and whatever was given as `extra`."""

    STANDARD = frozenset(vars(logging.makeLogRecord({})))

    def __init__(self) -> None:
        super().__init__()
        self._encode = json.JSONEncoder(default=str).encode

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": f"{_second(int(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in self.STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return self._encode(line)


@lru_cache(maxsize=1)
def _second(unix_seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(unix_seconds))


class JsonLogger(glogging.Logger):  # type: ignore[misc]
    """gunicorn's messages and the application's, on standard output, one JSON object a line."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        # A malformed request is quoted behind the address, with whatever its URL carries.
        if msg.startswith("Invalid request from ip="):
            msg = msg.partition(": ")[0]
        super().warning(msg, *args, **kwargs)

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
