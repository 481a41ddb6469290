"""Threads that carry errands out, so that nobody waits for somebody else's answer."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, Queue, SimpleQueue

from ticketboss.client.answers import as_event
from ticketboss.client.problems import TicketBossError
from ticketboss.rehearsal.asking import Partner, carry_out
from ticketboss.rehearsal.errands import Errand, Told

# Longer than the longest time-out of a try.
CONNECTING_SECONDS_MAX = 90.0
# From the last thread that is ready to T-0.
LEAD_SECONDS = 0.1


class Crew:
    """As many threads as there may be requests at once, each with connections of its own.

    They end with the process, and at `dismiss`.
    """

    def __init__(self, partners: Sequence[Partner], size: int) -> None:
        self._partners = partners
        self._errands: SimpleQueue[Errand | None] = SimpleQueue()
        self._answers: Queue[Told | Exception] = Queue()
        self._start = 0.0
        self._everybody = threading.Barrier(size + 1)
        self._threads = [
            threading.Thread(target=self._work, args=(number,), daemon=True)
            for number in range(size)
        ]

    def assemble(self) -> None:
        """Return when all are connected; T-0 is then LEAD_SECONDS away."""
        for thread in self._threads:
            thread.start()
        self._everybody.wait(CONNECTING_SECONDS_MAX)
        self._start = time.monotonic() + LEAD_SECONDS

    def since_start(self) -> float:
        """Seconds after T-0; less than 0 before it."""
        return time.monotonic() - self._start

    def send(self, errand: Errand) -> None:
        """Have the next one who is free carry it out."""
        self._errands.put(errand)

    def recall(self) -> int:
        """Take back what nobody was free for; gives how many errands they were."""
        count = 0
        with suppress(Empty):
            while True:
                self._errands.get_nowait()
                count += 1
        return count

    def answer(self, seconds_max: float) -> Told | None:
        """The next answer, None if there is none in this time."""
        try:
            told = self._answers.get(timeout=max(0.0, seconds_max))
        except Empty:
            return None
        if isinstance(told, Exception):
            raise told
        return told

    def dismiss(self) -> None:
        """Send all home who have nothing to do; those with an errand end it first."""
        for _ in self._threads:
            self._errands.put(None)

    def _work(self, number: int) -> None:
        # Connected before the start, so that what is due together is sent together.
        # Where that fails, it connects with its first errand, whose answer says what is wrong.
        with suppress(TicketBossError):
            self._partners[number % len(self._partners)].calls.read("", as_event)
        self._everybody.wait(CONNECTING_SECONDS_MAX)
        while (errand := self._errands.get()) is not None:
            try:
                partner = self._partners[errand.wish.partner]
                self._answers.put(carry_out(errand, partner, self.since_start))
            except Exception as error:  # noqa: BLE001 - raised where the answer is waited for
                self._answers.put(error)
