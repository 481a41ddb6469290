"""Which key each route asks for, stated beside it."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from flask import Flask

Need = Literal[
    "nothing",
    "any key",
    "operator key",
    "live operator key",
    "live operator key or loopback",
    "operator session",
    "live operator session",
]
View = TypeVar("View", bound=Callable[..., Any])

ATTRIBUTE = "ticketboss_need"


def needs(need: Need) -> Callable[[View], View]:
    """State what a view asks for; write it below the view's routes.

    "any key" is a partner's or an operator's; the view shows a partner its own alone. "live
    operator key" is for what concerns all events, test events and others; "live operator key or
    loopback" needs no key from this machine where the server is bound to loopback. An "operator
    session" is that of a browser in which such a key was typed.
    """

    def state(view: View) -> View:
        setattr(view, ATTRIBUTE, need)
        return view

    return state


def need_of(view: Callable[..., Any]) -> Need:
    """What a view was stated to ask for. Raises AttributeError if nothing was stated."""
    need: Need = getattr(view, ATTRIBUTE)
    return need


def refuse_unstated(app: Flask) -> None:
    """Raise RuntimeError if any route of the application states no need: better no start."""
    unstated = [name for name, view in app.view_functions.items() if not hasattr(view, ATTRIBUTE)]
    if unstated:
        raise RuntimeError(f"These views state no need for a key: {', '.join(unstated)}.")
