"""Pages of lists: a keyset cursor in the query, the next page in the answer (RFC 8288)."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, request
from marshmallow import Schema

from ticketboss.api.bodies import validated
from ticketboss.api.problems import Problem
from ticketboss.api.queries import NoQuery, PageQuery
from ticketboss.api.rendering import answer, reservation_document
from ticketboss.repository.interface import ReservationPage

Item = TypeVar("Item")

PAGE_QUERY = PageQuery()
NO_QUERY = NoQuery()


def query(schema: Schema = PAGE_QUERY) -> dict[str, Any]:
    """The validated query of the request. Raises Problem for a wrong, unknown or repeated name."""
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise Problem("invalid_request", errors=[(name, "Give it once.") for name in repeated])
    return validated(schema, request.args.to_dict())


def page_of_reservations(event_id: str, page: ReservationPage) -> Response:
    """One page of an event's reservations, and the way to the next."""
    document = {
        "reservations": [reservation_document(event_id, row) for row in page.reservations],
        "next": None if page.next_after is None else str(page.next_after),
    }
    response = answer(document, 200, Cache_Control="no-store")
    if page.next_after is not None:
        _link_to_next(response, page.next_after)
    return response


def page_answer(
    name: str,
    read: Callable[[str | None, int], Sequence[Item]],
    cursor_of: Callable[[Item], str],
    document: Callable[[Item], dict[str, Any]],
) -> Response:
    """One page of a list; `read` gives items behind a cursor, None for the first page."""
    asked = query()
    limit = asked["limit"]
    # One more than asked for shows whether there is a next page.
    found = read(asked["cursor"], limit + 1)
    page, more = found[:limit], found[limit:]
    cursor = cursor_of(page[-1]) if more else None
    response = answer(
        {name: [document(item) for item in page], "next": cursor}, 200, Cache_Control="no-store"
    )
    if cursor is not None:
        _link_to_next(response, cursor)
    return response


def _link_to_next(response: Response, cursor: str | int) -> None:
    following = urlencode(request.args.to_dict() | {"cursor": cursor})
    response.headers["Link"] = f'<{request.path}?{following}>; rel="next"'
