"""What each view takes and gives, stated beside it; the OpenAPI document is made of this."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask
from marshmallow import Schema

View = TypeVar("View", bound=Callable[..., Any])

ATTRIBUTE = "ticketboss_operation"

HTML = "text/html"
CSV = "text/csv"
PLAIN_TEXT = "text/plain"

# Why nothing at all is sold to a partner.
NOT_ON_SALE = ("sale_not_open", "sale_closed", "sale_paused", "event_cancelled", "partner_frozen")
# Why new reservations, new holds and growth are refused.
GROWTH = (
    *("not_enough_seats", "too_many_seats", "partner_limit_reached", "hold_too_long"),
    *NOT_ON_SALE,
)
# Why what is asked of an existing reservation is refused.
TOUCH = ("reservation_not_found", "hold_expired", "partner_frozen")


@dataclass(frozen=True, slots=True)
class Operation:
    """One view as the document shows it; its words are the view's docstring.

    `name` is the operationId. `gives` is the status of success with the schema of its body, the
    media type of a body that is not JSON, or None for no body. `decided` operations are
    decided by the engine: they take Idempotency-Key and If-Match. `headers` are those of a
    success; reading operations with an ETag take If-None-Match. `refuses` are the codes that do
    not follow from the rest. `path_values` lists all values of a path's parameter where they are
    few. `is_page` says that it is of the operators' pages, which the document leaves out: they are
    for people, and change as these wish.
    """

    name: str
    gives: tuple[int, type[Schema] | str | None]
    takes: type[Schema] | None = None
    query: type[Schema] | None = None
    decided: bool = False
    headers: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    path_values: tuple[str, ...] = ()
    is_page: bool = False


def operation(
    name: str, gives: tuple[int, type[Schema] | str | None], **more: Any
) -> Callable[[View], View]:
    """State the Operation that a view is; write it below the view's routes."""

    def state(view: View) -> View:
        setattr(view, ATTRIBUTE, Operation(name, gives, **more))
        return view

    return state


def page(name: str, media_type: str = HTML) -> Callable[[View], View]:
    """State that a view is of the operators' pages; write it below the view's routes."""
    return operation(name, (200, media_type), is_page=True)


def operation_of(view: Callable[..., Any]) -> Operation:
    """The Operation that a view was stated to be. Raises AttributeError if nothing was stated."""
    found: Operation = getattr(view, ATTRIBUTE)
    return found


def refuse_undocumented(app: Flask) -> None:
    """Raise RuntimeError if any route of the application states no operation."""
    unstated = [name for name, view in app.view_functions.items() if not hasattr(view, ATTRIBUTE)]
    if unstated:
        raise RuntimeError(f"These views state no operation: {', '.join(unstated)}.")
