"""What a FinishedResponse sends is what werkzeug would make of the same answer."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Response

from tests.unit.examples import EVENT_ID, accepted, after, create_event, reserve
from ticketboss.api.finished import FinishedResponse
from ticketboss.api.rendering import empty_answer, event_answer, reserved_answer
from ticketboss.domain.decide import decide
from ticketboss.domain.events import Event
from ticketboss.engine.answers import Accepted

Sent = tuple[str, list[tuple[str, str]], bytes]


def _event() -> Event:
    event = after(create_event(5, name="Zoë's évènement")).event
    assert event is not None
    return event


def _reserved() -> Response:
    entry = accepted(decide(after(create_event(5)), reserve(2), 1))
    return reserved_answer(Accepted(entry), short_url=False)


def _sent(response: Response, method: str) -> Sent:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        started.append((status, headers))

    environ: dict[str, Any] = {"REQUEST_METHOD": method}
    pieces: Iterable[bytes] = response(environ, start_response)  # type: ignore[arg-type]
    ((status, headers),) = started
    return status, sorted(headers), b"".join(pieces)


class _Untyped(Response):
    default_mimetype = None


def _by_werkzeug(response: Response) -> Response:
    """The same answer as a plain Response, whose length is left to werkzeug."""
    same = _Untyped(response.get_data(), response.status, response.headers)
    del same.headers["Content-Length"]
    return same


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: event_answer(_event(), now=1),
        _reserved,
        empty_answer,
        lambda: FinishedResponse(b"", 304, [("ETag", '"7-on_sale"')]),
    ],
    ids=["event", "reserved", "nothing", "not modified"],
)
def test_it_is_sent_as_werkzeug_would_send_it(make: Callable[[], Response], method: str) -> None:
    assert _sent(make(), method) == _sent(_by_werkzeug(make()), method)


def test_each_call_has_a_list_of_its_own_to_add_headers_to() -> None:
    response = _reserved()
    _, headers, _ = _sent(response, "GET")
    headers.append(("X-Request-Id", "1"))
    assert "X-Request-Id" not in dict(_sent(response, "GET")[1])
    assert EVENT_ID in response.headers["Location"]
