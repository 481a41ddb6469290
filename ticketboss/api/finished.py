"""Responses that need none of the corrections that werkzeug makes when it sends one."""

from collections.abc import Iterable
from typing import Any

from flask import Response


class FinishedResponse(Response):
    """A Response that is sent with the headers that it was given.

    werkzeug would copy them, escape the Location, compute the Content-Length and clear what a 304
    must not have; whoever makes one of these gives them right in the first place.
    """

    default_mimetype = None

    def __init__(self, body: bytes, status: int, headers: list[tuple[str, str]]) -> None:
        super().__init__([body] if body else [], status, headers)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else self.iter_encoded()
