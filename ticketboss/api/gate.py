"""What every request passes before Flask: it gets an id, and its answer a line in the log."""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import current_app, request

from ticketboss.api import content_security
from ticketboss.api.auth import CHALLENGE, Admission, Authenticator
from ticketboss.api.bodies import check_length
from ticketboss.api.context import ADMISSION, AUTHENTICATOR, BOUND_TO_LOOPBACK, CALLER, SESSIONS
from ticketboss.api.peers import is_local
from ticketboss.api.problems import REQUEST_ID, Problem
from ticketboss.api.scopes import need_of
from ticketboss.api.simulation import SIMULATE, SIMULATED_ROUTE, simulate
from ticketboss.domain.access import Caller
from ticketboss.domain.api_keys import has_api_key, without_api_keys
from ticketboss.metrics import Metrics

log = logging.getLogger("ticketboss.request")

VALID_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
ROUTE = "ticketboss.route"
# What counts together under one name: any URL of which there is nothing.
NO_ROUTE = "none"
READING_METHODS = frozenset({"GET", "HEAD"})
SCOPE_CHALLENGE = f'{CHALLENGE}, error="insufficient_scope"'
SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class RequestGate:
    """WSGI middleware: takes the client's X-Request-Id if it is sane, else makes one."""

    def __init__(self, wsgi_app: WsgiApp, metrics: Metrics) -> None:
        self._wsgi_app = wsgi_app
        self._metrics = metrics

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        started = time.perf_counter()
        # A connection that asks again at once would keep a cooperative worker from all others.
        time.sleep(0)
        request_id = environ.get("HTTP_X_REQUEST_ID", "")
        if not SANE_REQUEST_ID.fullmatch(request_id) or has_api_key(request_id):
            request_id = secrets.token_hex(8)
        environ[REQUEST_ID] = request_id

        def start_traced(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.append(("X-Request-Id", request_id))
            headers.append(("X-Content-Type-Options", "nosniff"))
            if not any(name == content_security.HEADER for name, _ in headers):
                headers.append((content_security.HEADER, content_security.NOTHING))
            self._metrics.request(environ.get(ROUTE, NO_ROUTE), int(status[:3]))
            if log.isEnabledFor(logging.INFO):
                _log_request(environ, status, request_id, started)
            return start_response(status, headers, exc_info)

        return self._wsgi_app(environ, start_traced)


def admit() -> None:
    """Refuse what the route may not get.

    A bad Host (RFC 9112 section 3.2) or a body beyond its limits is for none; the rest depends
    on what the view was stated to need.
    """
    environ, rule = request.environ, request.url_rule
    view = None
    # First of all, so that whatever is refused from here on counts for its route.
    if rule is not None:
        environ[ROUTE] = rule.rule
        view = current_app.view_functions[rule.endpoint]
    _check_host(environ)
    check_length(environ, view)
    need = "nothing" if view is None else need_of(view)
    if need == "nothing" or (need == "live operator key or loopback" and _is_at_home(environ)):
        return
    authenticator: Authenticator = current_app.extensions[AUTHENTICATOR]
    admission: Admission = authenticator
    if need.endswith("session"):
        admission = current_app.extensions[SESSIONS]
    environ[ADMISSION] = admission
    found = admission.caller(environ)
    environ[CALLER] = found
    authenticator.count(found, is_write=request.method not in READING_METHODS)
    if need != "any key" and found.partner_id is not None:
        raise Problem("wrong_scope", headers={"WWW-Authenticate": SCOPE_CHALLENGE})
    if need.startswith("live operator") and found.for_test:
        raise Problem("test_key", "This concerns all events; a test key is for test events alone.")
    if SIMULATE in environ and view is not None:
        environ[ROUTE] = SIMULATED_ROUTE
        simulate(environ[SIMULATE], view)


def _is_at_home(environ: dict[str, Any]) -> bool:
    return current_app.extensions.get(BOUND_TO_LOOPBACK, False) and is_local(environ)


def _check_host(environ: dict[str, Any]) -> None:
    host = environ.get("HTTP_HOST")
    if host is None and environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
        raise Problem("invalid_header", "The Host header is missing.")
    if host is not None and not VALID_HOST.fullmatch(host):
        raise Problem("invalid_header", "The Host header is not a host name or address.")


def _log_request(environ: dict[str, Any], status: str, request_id: str, started: float) -> None:
    found: Caller | None = environ.get(CALLER)
    # The path only: a query or a header could carry what does not belong into a log. WSGI hands
    # UTF-8 over as if it were Latin-1 (PEP 3333).
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    log.info(
        "request",
        extra={
            "requestId": request_id,
            "keyId": found and found.key_id,
            "method": environ["REQUEST_METHOD"],
            "path": without_api_keys(path),
            "status": int(status[:3]),
            "durationMs": round((time.perf_counter() - started) * 1000, 2),
        },
    )
