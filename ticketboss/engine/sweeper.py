"""Ends what is due when no request comes to do it: overdue holds, claims of cancelled events.

Twice a second it also has the committer tell how many wait, which a batch that is stuck cannot,
and the repository tidy up.

Every worker has a sweeper; they may all sweep at once, because ending a claim is a command like
any other and only one of them finds it still to be done.
"""

import logging
import random
import threading

from ticketboss.domain.commands import Sweep
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.engine.committer import Committer
from ticketboss.repository.interface import OutcomeUnknown, Repository, StorageUnavailable

SWEEP_SECONDS = 0.5
SWEEPS_IN_A_ROW_MAX = 100
EVENTS_PER_SWEEP_MAX = 1_000

log = logging.getLogger(__name__)


class Sweeper:
    """Looks for due claims about twice a second and has the committer end them."""

    def __init__(self, repository: Repository, committer: Committer) -> None:
        self._repository = repository
        self._committer = committer
        self._stopped = threading.Event()

    def start(self) -> None:
        """Sweep in the background from now on. Call it in the serving process, after a fork."""
        threading.Thread(target=self._run, name="sweeper", daemon=True).start()

    def stop(self) -> None:
        """End after the sweep that is under way."""
        self._stopped.set()

    def sweep(self) -> int:
        """End one page of what is due of each event; gives the number of events that had any.

        One page, so that no event waits for another one's thousands.
        """
        event_ids = self._repository.events_due(self._repository.now(), EVENTS_PER_SWEEP_MAX)
        # Each worker in another order: so they share the work.
        random.shuffle(event_ids)
        for event_id in event_ids:
            # Each of them may wait behind others for as long as a command may.
            self._committer.tell_queue()
            try:
                self._committer.submit(Sweep(event_id=event_id))
            except StorageUnavailable:
                raise
            except (CommandRefused, Overloaded, OutcomeUnknown) as error:
                # What is still due then is found again by the next sweep.
                log.warning("The sweep of event %s was not finished: %r", event_id, error)
            except Exception:
                log.exception("The sweep of event %s failed; the others go on.", event_id)
        return len(event_ids)

    def _run(self) -> None:
        while not self._stopped.wait(_pause_seconds()):
            self._committer.tell_queue()
            try:
                for _ in range(SWEEPS_IN_A_ROW_MAX):
                    if not self.sweep() or self._stopped.is_set():
                        break
                self._repository.tidy()
            except StorageUnavailable as error:
                log.warning("The sweep found no storage: %s", error)
            except Exception:
                log.exception("A sweep failed; the next one comes soon.")


def _pause_seconds() -> float:
    # The jitter keeps the workers' sweepers from meeting every time.
    return SWEEP_SECONDS * (0.75 + random.random() / 2)  # noqa: S311 - no secret  # nosec B311
