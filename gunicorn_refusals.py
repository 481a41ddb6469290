"""gunicorn's own refusals in the form that the application's have.

Beside gunicorn.conf.py and not in ticketboss/, which the master never imports.
"""

import json
import re
import secrets
import socket
from http import HTTPStatus

from gunicorn import util

# As ticketboss/domain/api_keys.py has it: what is quoted may be a key in the wrong place. In
# capitals too, as gunicorn quotes the names of headers.
API_KEY = re.compile(r"tb_(?:live|test)_[A-Za-z0-9_-]{43}", re.IGNORECASE)
# What gunicorn refuses before the application sees it, by status.
REFUSAL_CODES = {
    403: "forbidden",
    414: "uri_too_long",
    417: "expectation_failed",
    431: "headers_too_large",
    500: "internal_error",
    501: "not_implemented",
}


def write_problem(client: socket.socket, status: int, reason: str, message: str) -> None:
    """gunicorn's own refusals as problem documents, where it would write HTML."""
    code = REFUSAL_CODES.get(status, "bad_request")
    request_id = secrets.token_hex(8)
    document = {
        "type": f"/problems/{code}",
        "title": reason,
        "status": status,
        "detail": API_KEY.sub("***", message) or reason,
        "code": code,
        "retryable": status == HTTPStatus.INTERNAL_SERVER_ERROR,
        "requestId": request_id,
        "error": reason,
    }
    body = json.dumps(document)
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\n"
        f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
        f"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        f"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        f"X-Request-Id: {request_id}\r\n\r\n"
    )
    util.write_nonblock(client, (head + body).encode("latin-1"))
