"""The drop itself: every errand is sent when it is due, whatever became of those before it."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ticketboss.rehearsal.arrivals import Wish
from ticketboss.rehearsal.crew import Crew
from ticketboss.rehearsal.errands import Errand, Told, first_errand, following

LOOK_SECONDS = 0.05


@dataclass(slots=True)
class Course:
    """How far a drop is: `answered` are the wishes themselves, `told` what followed them as well.

    `kills` are the moments, in seconds after T-0, at which a worker died.
    """

    wishes: int
    told: list[Told] = field(default_factory=list)
    answered: int = 0
    under_way: int = 0
    waiting: int = 0
    unsent: int = 0
    seconds: float = 0.0
    kills: list[float] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be asked."""
        return not self.under_way and not self.waiting


class Agenda:
    """What is still to be asked, by the moment at which it is due."""

    def __init__(self, wishes: Sequence[Wish]) -> None:
        self._added = 0
        self._rows: list[tuple[float, int, Errand]] = []
        for wish in wishes:
            self.add(first_errand(wish))

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, errand: Errand) -> None:
        """Put an errand in its place; of two for the same moment the first one stays the first."""
        heapq.heappush(self._rows, (errand.due_seconds, self._added, errand))
        self._added += 1

    def due(self, now_seconds: float) -> Iterator[Errand]:
        """Take out what is due."""
        while self._rows and self._rows[0][0] <= now_seconds:
            yield heapq.heappop(self._rows)[2]

    def wait_seconds(self, now_seconds: float) -> float:
        """How long nothing is due."""
        return self._rows[0][0] - now_seconds if self._rows else LOOK_SECONDS

    def clear(self) -> int:
        """Forget the rest; gives how many they were."""
        count = len(self._rows)
        self._rows.clear()
        return count


def run_drop(
    crew: Crew, wishes: Sequence[Wish], seconds_max: float, look: Callable[[Course], None]
) -> Course:
    """Send everything when it is due and collect the answers; `look` is called now and then.

    What is not sent within `seconds_max` is counted. What is under way then is settled, which takes
    ERRAND_SECONDS_MAX and one more time-out at most.
    """
    agenda, course = Agenda(wishes), Course(wishes=len(wishes))
    crew.assemble()
    while True:
        course.seconds = crew.since_start()
        if course.seconds > seconds_max:
            recalled = crew.recall()
            course.under_way -= recalled
            course.unsent += recalled + agenda.clear()
        for errand in agenda.due(course.seconds):
            crew.send(errand)
            course.under_way += 1
        course.waiting = len(agenda)
        look(course)
        if course.is_over:
            return course
        told = crew.answer(min(LOOK_SECONDS, agenda.wait_seconds(course.seconds)))
        if told is not None:
            course.under_way -= 1
            course.told.append(told)
            course.answered += told.errand.action in ("reserve", "hold")
            for errand in following(told):
                agenda.add(errand)
