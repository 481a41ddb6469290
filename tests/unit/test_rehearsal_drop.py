"""A drop is open-loop: what is due is sent, whatever became of what was sent before."""

import heapq
from dataclasses import replace

import pytest

from tests.unit.rehearsed import reservation, wish
from ticketboss.rehearsal.arrivals import Wish
from ticketboss.rehearsal.crew import Crew
from ticketboss.rehearsal.drop import Course, run_drop
from ticketboss.rehearsal.errands import ACCEPTED, Errand, Told, first_errand

TICK_SECONDS = 0.001


class SlowCrew(Crew):
    """Answers everything with a yes after the same time, by a clock of its own.

    No more than `size` at once are sent; the others wait for somebody who is free.
    """

    def __init__(self, answer_seconds: float, size: int = 1_000) -> None:
        self.sent: list[tuple[str, float]] = []
        self._size = size
        self._waiting: list[Errand] = []
        self._answer_seconds = answer_seconds
        self._now = 0.0
        self._open: list[tuple[float, int, Errand]] = []

    def assemble(self) -> None:
        """Nobody has to be waited for."""

    def since_start(self) -> float:
        return self._now

    def send(self, errand: Errand) -> None:
        if len(self._open) == self._size:
            self._waiting.append(errand)
            return
        self.sent.append((errand.action, self._now))
        done = self._now + self._answer_seconds
        heapq.heappush(self._open, (done, len(self.sent), errand))

    def recall(self) -> int:
        count = len(self._waiting)
        self._waiting.clear()
        return count

    def answer(self, seconds_max: float) -> Told | None:
        until = self._now + max(seconds_max, TICK_SECONDS)
        if not self._open or self._open[0][0] > until:
            self._now = until
            return None
        self._now, _, errand = heapq.heappop(self._open)
        if self._waiting:
            self.send(self._waiting.pop(0))
        return Told(
            errand=errand,
            sent_seconds=self._now - self._answer_seconds,
            ended_seconds=self._now,
            code=ACCEPTED,
            reservation=reservation(f"r{errand.wish.number}", 4, 1, 6, "confirmed"),
        )


def due_at(number: int, seconds: float) -> Wish:
    """A wish that is due then, and thinks for two seconds between its steps."""
    return replace(wish(number), due_seconds=seconds, think_seconds=2.0)


def drop(answer_seconds: float, *wishes: Wish, seconds_max: float = 300.0) -> tuple[
    Course, dict[str, list[float]]
]:  # fmt: skip
    """A drop against such a crew, and when it sent what."""
    crew = SlowCrew(answer_seconds)
    course = run_drop(crew, wishes, seconds_max, lambda _: None)
    sent: dict[str, list[float]] = {}
    for action, seconds in crew.sent:
        sent.setdefault(action, []).append(seconds)
    return course, sent


def close_to(*seconds: float) -> object:
    """These moments, give or take a little."""
    return pytest.approx(list(seconds), abs=10 * TICK_SECONDS)


def test_what_waits_for_a_connection_when_the_time_is_up_is_not_sent() -> None:
    crew = SlowCrew(answer_seconds=4.0, size=1)
    wishes = [due_at(number, 0.0) for number in range(5)]

    course = run_drop(crew, wishes, 6.0, lambda _: None)

    assert [seconds for _, seconds in crew.sent] == close_to(0.0, 4.0)
    assert (len(course.told), course.unsent, course.under_way) == (2, 3, 0)


def test_a_crew_gives_back_what_nobody_has_begun() -> None:
    crew = Crew([], size=2)
    for number in range(3):
        crew.send(first_errand(wish(number)))

    assert (crew.recall(), crew.recall()) == (3, 0)


def test_nobody_waits_for_anybodys_answer() -> None:
    course, sent = drop(100.0, *(due_at(number, number / 10) for number in range(5)))

    assert sent == {"reserve": close_to(0.0, 0.1, 0.2, 0.3, 0.4)}
    assert (len(course.told), course.answered, course.unsent) == (5, 5, 0)


def test_a_partner_takes_its_next_step_after_a_while() -> None:
    holding = replace(due_at(0, 0.5), holds=True, confirms=True, cancels=True, repeats=True)
    course, sent = drop(1.0, holding)

    assert sent == {
        "hold": close_to(0.5),
        "repeat": close_to(1.5),
        "confirm": close_to(3.5),
        "cancel": close_to(6.5),
    }
    assert (len(course.told), course.answered) == (4, 1)


def test_an_abandoned_hold_has_no_next_step() -> None:
    _, sent = drop(1.0, replace(due_at(0, 0.0), holds=True, confirms=False, cancels=True))

    assert list(sent) == ["hold"]


def test_what_is_not_due_in_time_is_counted_and_not_sent() -> None:
    course, sent = drop(1.0, due_at(0, 0.0), due_at(1, 9.0), due_at(2, 11.0), seconds_max=10.0)

    assert sent == {"reserve": close_to(0.0, 9.0)}
    assert (course.unsent, course.answered) == (1, 2)


def test_whoever_looks_sees_it_grow_and_end() -> None:
    seen: list[tuple[int, int, bool]] = []
    run_drop(
        SlowCrew(1.0),
        [due_at(0, 0.0), due_at(1, 5.0)],
        300.0,
        lambda course: seen.append((course.answered, course.under_way, course.is_over)),
    )

    assert list(dict.fromkeys(seen)) == [
        (0, 1, False),
        (1, 0, False),
        (1, 1, False),
        (2, 0, True),
    ]
