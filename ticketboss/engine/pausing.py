"""Pausing every sale at once: the operator's emergency stop."""

import time
from dataclasses import dataclass, field

from ticketboss.domain.commands import ChangeEvent
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.engine.committer import Committer
from ticketboss.repository.interface import OutcomeUnknown, Repository, StorageUnavailable

PAUSE_SECONDS_MAX = 20.0
PAGE_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Paused:
    """Ids of the events that this call paused, that were paused before, and that may not be."""

    paused: list[str] = field(default_factory=list)
    were_paused: list[str] = field(default_factory=list)
    not_paused: list[str] = field(default_factory=list)


def pause_all(
    repository: Repository, committer: Committer, actor: str, for_test: bool | None
) -> Paused:
    """Pause all events that are neither paused nor cancelled, each by a command of its own.

    `for_test` limits it to test events, or to the others; None takes both. After
    PAUSE_SECONDS_MAX the rest is left; calling again goes on with it. Raises StorageUnavailable
    when the events cannot even be read.
    """
    outcome = Paused()
    until = time.monotonic() + PAUSE_SECONDS_MAX
    after_event_id = ""
    while page := repository.events(after_event_id, PAGE_EVENTS, for_test):
        for event in page:
            if event.cancelled:
                continue
            if event.paused:
                outcome.were_paused.append(event.event_id)
            elif time.monotonic() < until and _pause(committer, event.event_id, actor):
                outcome.paused.append(event.event_id)
            else:
                outcome.not_paused.append(event.event_id)
        after_event_id = page[-1].event_id
    return outcome


def _pause(committer: Committer, event_id: str, actor: str) -> bool:
    try:
        committer.submit(ChangeEvent(event_id=event_id, actor=actor, settings={"paused": True}))
    except CommandRefused:
        # Cancelled in the meantime: nothing can be reserved there any more either.
        return True
    except (Overloaded, OutcomeUnknown, StorageUnavailable):
        return False
    return True
