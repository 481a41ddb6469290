"""A sandbox that misbehaves when it is asked to, so that partners can try their retry loops."""

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Response, after_this_request, current_app, request

from ticketboss.api.context import caller, event_or_default, readable_event, waiting_places
from ticketboss.api.operations import Operation, operation_of
from ticketboss.api.problems import Problem
from ticketboss.api.reservations import reserving
from ticketboss.domain.events import Event
from ticketboss.domain.refusals import NotEnoughSeats
from ticketboss.engine.answers import CommandRefused

HEADER = "TicketBoss-Simulate"
SIMULATE = "HTTP_TICKETBOSS_SIMULATE"
# What counts together under one name: nothing of it is about the sale.
SIMULATED_ROUTE = "simulated"
SLOW_ANSWERS = "ticketboss.slow_answers"
SLOW_MS_MAX = 10_000
SLOW_ANSWERS_MAX = 100
RETRY_AFTER_SECONDS = 1
WISHES = r"not_enough_seats|rate_limited|overloaded|lost_answer|slow=(?:[1-9]\d{0,3}|10000)"
_WISH = re.compile(WISHES)


class SlowAnswers:
    """How many answers a worker holds back: so many that the others are not held up by them."""

    def __init__(self) -> None:
        self._count = 0
        self._turn = threading.Lock()

    def take_place(self, places: int) -> bool:
        """Whether one more may be held back; then `give_place_back` has to follow."""
        with self._turn:
            is_free = self._count < places
            self._count += is_free
        return is_free

    def give_place_back(self) -> None:
        """End what `take_place` has begun."""
        with self._turn:
            self._count -= 1


def simulate(asked: str, view: Callable[..., Any]) -> None:
    """Have the request end as its header asks; for test keys on test events alone.

    Raises the Problem that was asked for, or one that says why it is not to be had: then nothing
    was done. In open mode there is no key to look at, and the event alone decides.
    """
    event = _test_event()
    _refuse_what_never_happens(asked, operation_of(view))
    match asked:
        case "rate_limited":
            raise Problem(asked, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        case "overloaded":
            raise Problem(asked)
        case "not_enough_seats":
            raise _sold_out(event)
        case "lost_answer":
            _lose_answer()
        case _:
            _hold_answer_back(int(asked.removeprefix("slow=")))


def _sold_out(event: Event) -> CommandRefused:
    """The refusal of a new reservation, which has to be valid, as if there were no seats."""
    command = reserving(event.event_id)
    refusal = NotEnoughSeats(command.min_seats or command.seats, 0, 0)
    return CommandRefused(refusal, event.version)


def _test_event() -> Event:
    """The event of the URL. Raises Problem where anything may be for real."""
    arguments = request.view_args or {}
    if caller().for_test is False or "event_id" not in arguments:
        raise Problem("simulation_refused")
    event = readable_event(event_or_default(arguments["event_id"]))
    if not event.is_test:
        raise Problem("simulation_refused")
    return event


def _refuse_what_never_happens(asked: str, stated: Operation) -> None:
    if not _WISH.fullmatch(asked):
        raise Problem(
            "invalid_header",
            f"{HEADER} must be not_enough_seats, rate_limited, overloaded, lost_answer or "
            f"slow=1 to slow={SLOW_MS_MAX} (milliseconds).",
        )
    is_answered_so = {"not_enough_seats": stated.name == "reserve", "overloaded": stated.decided}
    if not is_answered_so.get(asked, True):
        raise Problem("invalid_header", f"This request is never answered {asked}.")


def _lose_answer() -> None:
    """End the connection when all is done and committed, before any of the answer is sent."""
    client: socket.socket | None = request.environ.get("gunicorn.socket")
    if client is None:
        raise Problem("simulation_refused", "This server cannot lose an answer.")

    @after_this_request
    def lose(response: Response) -> Response:
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        return response


def _hold_answer_back(milliseconds: int) -> None:
    """Answer so much later; what was asked for is done at once."""
    answers: SlowAnswers = current_app.extensions[SLOW_ANSWERS]
    if not answers.take_place(min(SLOW_ANSWERS_MAX, waiting_places() // 2)):
        raise Problem(
            "simulation_refused", "This worker can hold no more answers back than it does now."
        )

    @after_this_request
    def wait(response: Response) -> Response:
        try:
            time.sleep(milliseconds / 1_000)
        finally:
            answers.give_place_back()
        return response
