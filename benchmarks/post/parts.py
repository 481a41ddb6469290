"""Which part of a POST a stack belongs to."""

from collections import Counter
from collections.abc import Mapping

REST = "event loop, and the rest"
IN_TRANSACTION = (
    "engine: snapshot",
    "engine: deciding",
    "engine: writing the rows",
    "engine: COMMIT",
)
# Each part with what its stacks have in them, the more special ones first: a line of the log is
# written behind the gate, which is entered from gunicorn's loop.
RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kernel: sending the answer", ("gevent/_socketcommon.py:send", "_socketcommon.py:_sendall")),
    ("kernel: receiving", ("gevent/_socketcommon.py:recv",)),
    ("the line of log", ("gunicorn_logging.py:", "api/gate.py:_log_request")),
    ("metrics", ("ticketboss/metrics.py:",)),
    ("gunicorn: head of the answer", ("http/wsgi.py:start_response", "http/wsgi.py:write")),
    ("engine: COMMIT", ("sqlite/connection.py:_commit",)),
    ("engine: writing the rows", ("sql/writing.py:",)),
    ("engine: deciding", ("engine/plan.py:",)),
    ("engine: snapshot", ("sql/reading.py:snapshot",)),
    ("engine: rest of a batch (locks, answers)", ("engine/committer.py:_lead",)),
    ("engine: queue and waiting for the batch", ("engine/committer.py:",)),
    ("admission: host, key, limits", ("api/gate.py:admit",)),
    ("body: reading, decoding, schema", ("api/bodies.py:",)),
    ("rendering the answer", ("api/rendering.py:",)),
    ("the view: id, headers, command", ("api/reservations.py:",)),
    ("gate: id, the yield, headers", ("api/gate.py:start_traced", "api/finished.py:")),
    ("Flask and werkzeug: context, routing, dispatch", ("flask/app.py:wsgi_app",)),
    ("gate: id, the yield, headers", ("api/gate.py:",)),
    ("gunicorn: parser", ("gunicorn/http/parser.py:",)),
    ("gunicorn: head of the answer", ("gunicorn/http/wsgi.py:close",)),
    ("gunicorn: environment and the rest of a request", ("base_async.py:handle_request",)),
    ("gunicorn: keep-alive loop and time-out", ("base_async.py:handle",)),
)


def part_of(stack: str) -> str:
    """The part that a stack, as `sampled` notes it, belongs to."""
    for part, marks in RULES:
        if any(mark in stack for mark in marks):
            return part
    return REST


def parts(stacks: Mapping[str, int]) -> Counter[str]:
    """How many of the looks met each part."""
    found: Counter[str] = Counter()
    for stack, looks in stacks.items():
        found[part_of(stack)] += looks
    return found
