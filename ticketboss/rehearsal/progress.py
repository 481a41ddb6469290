"""How far a drop is, while it runs: one line that renews itself, or one line now and then."""

import time
from typing import TextIO

from ticketboss.rehearsal.drop import Course
from ticketboss.rehearsal.errands import UNKNOWN

WIDTH_MAX = 79
RENEW_SECONDS = 0.1
PLAIN_LINE_SECONDS = 2.0


class Progress:
    """Writes to a stream; on a terminal the line is renewed in its place."""

    def __init__(self, stream: TextIO, *, renews: bool) -> None:
        self._stream = stream
        self._renews = renews
        self._seconds = RENEW_SECONDS if renews else PLAIN_LINE_SECONDS
        self._next: float | None = None
        self._seen = 0
        self._counts = {"yes": 0, "no": 0, "unknown": 0}
        self._newest: tuple[int, int] | None = None

    def look(self, course: Course) -> None:
        """Show how far it is, if it is time again; and at the end in any case."""
        self._count(course)
        now = time.monotonic()
        self._next = now + self._seconds if self._next is None else self._next
        if now < self._next and not course.is_over:
            return
        self._next = now + self._seconds
        line = self._line(course)[:WIDTH_MAX]
        if self._renews:
            end = "\n" if course.is_over else ""
            self._stream.write(f"\r{line:<{WIDTH_MAX}}{end}")
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def _count(self, course: Course) -> None:
        for told in course.told[self._seen :]:
            if told.errand.action in ("reserve", "hold"):
                name = "yes" if told.is_accepted else "unknown" if told.code == UNKNOWN else "no"
                self._counts[name] += 1
            if told.reservation and told.reservation.available_seats is not None:
                left = (told.reservation.version, told.reservation.available_seats)
                self._newest = max(self._newest or left, left)
        self._seen = len(course.told)

    def _line(self, course: Course) -> str:
        left = f"{self._newest[1]} left" if self._newest else "nothing sold yet"
        # A time-out is never a no.
        shown = [
            f"{count} {name}" for name, count in self._counts.items() if count or name != "unknown"
        ]
        return (
            f"{max(course.seconds, 0.0):6.1f} s  {sum(self._counts.values())}/{course.wishes} "
            f"answered: {', '.join(shown)}; {course.under_way} open; {left}"
        )
