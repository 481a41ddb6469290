"""A proxy on the same machine: to the server behind it everybody comes from loopback."""

import threading
from collections.abc import Mapping
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.concurrency.clients import REQUEST_SECONDS_MAX

BODY_BYTES_MAX = 65_536
# Of one connection only, see RFC 9110 section 7.6.1; the length is told anew.
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class Proxy:
    """Forwards to the server on `port` while the block lasts; `adds` are headers it sets."""

    def __init__(self, port: int, adds: Mapping[str, str]) -> None:
        self.adds = dict(adds)
        self._backend_port = port
        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._listener.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                proxy._forward(self)

            def do_POST(self) -> None:
                proxy._forward(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing: the server has a log of its own."""

        return Handler

    def _forward(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(
            min(int(request.headers.get("Content-Length", 0)), BODY_BYTES_MAX)
        )
        sent = {n: v for n, v in request.headers.items() if n.lower() not in HOP_BY_HOP}
        backend = HTTPConnection("127.0.0.1", self._backend_port, timeout=REQUEST_SECONDS_MAX)
        try:
            backend.request(request.command, request.path, body, sent | self.adds)
            answer = backend.getresponse()
            content = answer.read()
        finally:
            backend.close()
        request.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)
