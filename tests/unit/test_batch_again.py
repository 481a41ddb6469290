"""What is planned under the lock may be taken back and planned once more: the last plan counts."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.database import repository_at
from tests.unit.rig import EVENT_ID, Rig, raising, reserve
from ticketboss.engine.committer import Committer
from ticketboss.repository.interface import OutcomeUnknown, Transaction

Work = Callable[[Transaction], None]


class TakenBack(Exception):
    """The transaction did not come to its end."""


@pytest.mark.parametrize("outcome", ["told", "unknown"])
def test_the_plan_that_was_written_is_the_one_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str
) -> None:
    rig = Rig(tmp_path)
    other = Committer(repository_at(rig.database.url), command_seconds_max=5.0, queue_length_max=10)
    exclusive = rig.repository.exclusive

    def after_another(event_id: str, work: Work, deadline: float) -> None:
        def begin(transaction: Transaction) -> None:
            work(transaction)
            raise TakenBack

        with suppress(TakenBack):
            exclusive(event_id, begin, deadline)
        other.submit(reserve(100))
        exclusive(event_id, work, deadline)

    monkeypatch.setattr(rig.repository, "exclusive", after_another)
    rig.committer._runner._remember_contended(EVENT_ID)
    if outcome == "unknown":
        rig.repository.after_exclusive.append(raising(OutcomeUnknown("no answer")))
    accepted = rig.committer.submit(reserve(1))
    assert accepted.entry.version == rig.event().version == 2
    assert accepted.entry.available_seats == 98
