"""HTTP with patience: one call, as many tries as it takes and may take."""

import json
import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import uuid4

import requests
from requests.auth import AuthBase

from ticketboss.client.answers import Answer
from ticketboss.client.errors import problem
from ticketboss.client.patience import Patience, parse_retry_after
from ticketboss.client.problems import OutcomeUnknown, TicketBossError
from ticketboss.client.transport import Reply, Session

Told = TypeVar("Told")

REASON_LENGTH_MAX = 200
REQUEST_TIMEOUT, TOO_MANY_REQUESTS, SERVER_ERROR, UNAVAILABLE = 408, 429, 500, 503

log = logging.getLogger("ticketboss.client")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Told]):
    """One request, the same in all its tries, and what its answer means.

    `read` makes the result of the answer and raises LookupError, TypeError or ValueError if it is
    not as it should be. `wait_seconds` is how long the server was asked to wait by itself.
    """

    method: str
    path: str
    read: Callable[[Answer], Told]
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    idempotency_key: str | None = None
    if_version: int | None = None
    wait_seconds: float = 0
    request_id: str = field(default_factory=lambda: uuid4().hex)

    def headers(self) -> dict[str, str]:
        """The headers of every try."""
        headers = {"Accept": "application/json", "X-Request-Id": self.request_id}
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        if self.idempotency_key is not None:
            escaped = self.idempotency_key.replace("\\", r"\\").replace('"', r"\"")
            headers["Idempotency-Key"] = f'"{escaped}"'
        if self.if_version is not None:
            headers["If-Match"] = f'"{self.if_version}"'
        return headers


class _Authorization(AuthBase):
    """Sends the API key, if there is one, and keeps `requests` from looking for another."""

    def __init__(self, api_key: str | None) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._api_key is not None:
            request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request


class Connection:
    """Sends calls to one server, from any thread: each has its own `requests.Session`."""

    def __init__(self, base_url: str, api_key: str | None) -> None:
        self._base_url = base_url
        self._authorization = _Authorization(api_key)
        self._own = threading.local()
        # What the next tries are to end like, on a test event; one each.
        self.simulations: deque[str] = deque()
        self._lock = threading.Lock()
        # Those of threads that ended are gone by themselves.
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()

    def close(self) -> None:
        """Close the connections of all threads; one that goes on opens new ones."""
        with self._lock:
            for session in self._sessions:
                session.close()

    def ask(self, call: Call[Told], patience: Patience) -> Told:
        """The result of a call. Raises TicketBossError when there is none.

        Raises ValueError or TypeError, with nothing sent, if it cannot be said in HTTP and JSON.
        """
        deadline = time.monotonic() + patience.deadline_seconds
        request = self._prepared(call)
        tries = unanswered = 0
        while True:
            tries += 1
            error = self._try(call, request, patience, deadline)
            if not isinstance(error, TicketBossError):
                return error
            pause = patience.pause_seconds(tries, error.retry_after_seconds)
            if (
                not _may_try_again(error)
                or patience.is_over(tries)
                or time.monotonic() + pause >= deadline
            ):
                raise _last_word(call, error, tries, unanswered)
            unanswered += isinstance(error, OutcomeUnknown)
            log.info("%s %s: %s; again in %.2f s", call.method, call.path, error.code, pause)
            time.sleep(pause)

    def _prepared(self, call: Call[Told]) -> requests.PreparedRequest:
        """The request that all tries send."""
        body = None if call.body is None else json.dumps(call.body, allow_nan=False).encode()
        url, headers = self._base_url + call.path, call.headers()
        request = requests.Request(call.method, url, headers, data=body, params=call.query)
        return self._session().prepare_request(request)

    def _try(
        self,
        call: Call[Told],
        request: requests.PreparedRequest,
        patience: Patience,
        deadline: float,
    ) -> Told | TicketBossError:
        silence_seconds = patience.timeout_seconds + call.wait_seconds
        try:
            reply = self._session().exchange(
                self._simulating(request),
                patience.connect_timeout_seconds,
                silence_seconds,
                deadline,
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the server may have acted
            # Not the error itself: it knows the request and so the API key.
            reason = f"No answer ({type(error).__name__})."
        else:
            return _outcome(call, reply)
        return OutcomeUnknown(reason, retryable=True, request_id=call.request_id)

    def _simulating(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request of this try, with what it is to end like if anything was asked for."""
        with suppress(IndexError):
            wish = self.simulations.popleft()
            request = request.copy()
            request.headers["TicketBoss-Simulate"] = wish
        return request

    def _session(self) -> Session:
        session: Session | None = getattr(self._own, "session", None)
        if session is None:
            session = Session()
            session.auth = self._authorization
            self._own.session = session
            with self._lock:
                self._sessions.add(session)
        return session


def _outcome(call: Call[Told], reply: Reply) -> Told | TicketBossError:
    """The result or the exception that an answer stands for."""
    try:
        document = json.loads(reply.body) if reply.body else {}
        if 200 <= reply.status < 300:
            replayed = reply.headers.get("Idempotent-Replayed") == "true"
            return call.read(Answer(document, replayed))
        return problem(document, reply.status, _retry_after(reply), _version(reply))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is not ours
        return _not_ours(call, reply, f"{type(error).__name__}: {error}"[:REASON_LENGTH_MAX])


def _not_ours(call: Call[Told], reply: Reply, reason: str) -> TicketBossError:
    """What a proxy in between answered, or a server that is no TicketBoss."""
    status = reply.status
    settles = 300 <= status < SERVER_ERROR
    kind = TicketBossError if settles else OutcomeUnknown
    return kind(
        f"The answer with status {status} is not TicketBoss's ({reason}).",
        code=f"http_{status}" if settles else None,
        status=status,
        request_id=call.request_id,
        retryable=not settles or status in (REQUEST_TIMEOUT, TOO_MANY_REQUESTS),
        retry_after_seconds=_retry_after(reply),
    )


def _version(reply: Reply) -> int | None:
    """The event's version that a write was decided at; ValueError if it is no number."""
    told = reply.headers.get("TicketBoss-Version")
    return None if told is None else int(told)


def _retry_after(reply: Reply) -> float | None:
    return parse_retry_after(reply.headers.get("Retry-After"))


def _may_try_again(error: TicketBossError) -> bool:
    """Only what passes by itself; a refusal such as sale_not_open is the caller's to wait for."""
    status = error.status or 0
    if isinstance(error, OutcomeUnknown) or status in (TOO_MANY_REQUESTS, UNAVAILABLE):
        return True
    return error.retryable and (status >= SERVER_ERROR or status == REQUEST_TIMEOUT)


def _last_word(
    call: Call[Told], error: TicketBossError, tries: int, unanswered: int
) -> TicketBossError:
    """The exception to raise after the last try, of which the caller learns all that is known."""
    if unanswered and _may_try_again(error) and not isinstance(error, OutcomeUnknown):
        # The last try had no effect; but an earlier one may have had it.
        error = OutcomeUnknown(
            f"An earlier try had no answer, and of the last it says: {error}",
            status=error.status,
            request_id=error.request_id,
            retryable=True,
            retry_after_seconds=error.retry_after_seconds,
        )
    if isinstance(error, OutcomeUnknown):
        error.add_note(f"{call.method} {call.path}, tried {tries} times")
    error.request_id = error.request_id or call.request_id
    error.idempotency_key = call.idempotency_key
    error.unanswered_tries = unanswered
    return error
