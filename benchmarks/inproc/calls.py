"""One process that calls the application and a bare Flask by turns, as a WSGI server does.

`python -m gevent.monkey --module benchmarks.inproc.calls ROUNDS REQUESTS LOG` prints one JSON
object: the CPU microseconds of one call of each kind, in each round. The environment has the
settings, and the lines of the requests go to the file LOG.
"""

import io
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.config import Config

from benchmarks.load import PARTNER_ID
from benchmarks.peers.hello import app as hello_app
from benchmarks.writer import SEATS, create_event
from gunicorn_logging import JsonLogger
from ticketboss.api.context import EXTENSION
from ticketboss.app import create_app
from ticketboss.services import Services

GREENLETS = 16
WARM_UP_CALLS = 320
SOLD, READ = "sold", "read"
HELLO = "a bare Flask hello"
KINDS = ("POST of one seat", "GET of a summary", "GET with If-None-Match: 304", HELLO)
BODY = f'{{"partnerId":"{PARTNER_ID}","seats":1}}'.encode()

Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of request: whom it is for, and the answer that it should get."""

    app: Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
    method: str
    path: str
    status: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def environ(self, client: socket.socket) -> Environ:
        """As gunicorn makes it."""
        body = BODY if self.method == "POST" else b""
        environ = {
            "wsgi.errors": sys.stderr,
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.input": io.BytesIO(body),
            "wsgi.input_terminated": True,
            "wsgi.url_scheme": "http",
            "gunicorn.socket": client,
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path,
            "RAW_URI": self.path,
            "QUERY_STRING": "",
            "SCRIPT_NAME": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "3000",
            "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_PORT": "40000",
            "HTTP_HOST": "127.0.0.1:3000",
            **self.headers,
        }
        if body:
            environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
        return environ

    def answer(self, environ: Environ) -> tuple[list[tuple[str, str]], bytes]:
        """The headers and the body; RuntimeError unless the status is the one it should be."""
        told: list[Any] = []
        chunks = self.app(environ, lambda *head: told.extend(head))
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        if told[0] != self.status:
            raise RuntimeError(f"{self.method} {self.path}: {told[0]}: {body.decode()}")
        return told[1], body


def open_app(log: io.TextIOBase) -> tuple[Flask, Mapping[str, str]]:
    """The application with two events on sale, and the head of a request with a partner's key."""
    with redirect_stdout(log):
        JsonLogger(Config())
    app = create_app()
    services: Services = app.extensions[EXTENSION]
    services.repository.migrate()
    for event_id in (SOLD, READ):
        create_event(services.repository, event_id, SEATS)
    key = services.administration.issue_key("operator:cli", PARTNER_ID, is_test=False)
    return app, {"HTTP_AUTHORIZATION": f"Bearer {key.secret}"}


def calls(app: Flask, headers: Mapping[str, str], client: socket.socket) -> dict[str, Call]:
    """Each kind by its name."""
    read = Call(app, "GET", f"/events/{READ}", "200 OK", headers)
    etag = dict(read.answer(read.environ(client))[0])["ETag"]
    again = {**headers, "HTTP_IF_NONE_MATCH": etag}
    found = (
        Call(app, "POST", f"/events/{SOLD}/reservations", "201 CREATED", headers),
        read,
        Call(app, "GET", f"/events/{READ}", "304 NOT MODIFIED", again),
        Call(hello_app, "GET", f"/events/{READ}", "200 OK"),
    )
    return dict(zip(KINDS, found, strict=True))


def microseconds(call: Call, client: socket.socket, requests: int) -> float:
    """The CPU of one call, without that of making its environ and of the switch behind it."""
    whole = _cpu_seconds(lambda: call.answer(call.environ(client)), requests)
    around = _cpu_seconds(lambda: call.environ(client), requests)
    return (whole - around) * 1e6 / requests


def _cpu_seconds(run: Callable[[], object], times: int) -> float:
    """The CPU time of all greenlets together; what one of them raises is raised here."""
    errors: list[Exception] = []
    left = iter(range(times))

    def repeat() -> None:
        try:
            for _ in left:
                run()
                # Where a worker would wait for the next request of the connection.
                time.sleep(0)
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=repeat) for _ in range(GREENLETS)]
    started = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return time.process_time() - started


def main(rounds: int, requests: int, log: io.TextIOBase) -> dict[str, list[float]]:
    """Take turns; every second round goes the other way about."""
    app, headers = open_app(log)
    client, server = socket.socketpair()
    with client, server:
        kinds = calls(app, headers, server)
        for call in kinds.values():
            microseconds(call, server, WARM_UP_CALLS)
        found: dict[str, list[float]] = {kind: [] for kind in kinds}
        for number in range(rounds):
            for kind in KINDS if number % 2 == 0 else reversed(KINDS):
                found[kind].append(microseconds(kinds[kind], server, requests))
        sold = Call(app, "GET", f"/events/{SOLD}", "200 OK", headers)
        count = json.loads(sold.answer(sold.environ(server))[1])["reservationCount"]
    if count != WARM_UP_CALLS + rounds * requests:
        raise RuntimeError(f"{count} reservations are there.")
    return found


if __name__ == "__main__":
    with Path(sys.argv[3]).open("w") as file:
        print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), file)))
