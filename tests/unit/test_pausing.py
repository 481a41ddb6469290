"""Pausing every sale at once, as far as time and storage allow."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.examples import OPERATOR, create_event
from tests.unit.rig import EVENT_ID, Rig
from ticketboss.domain.commands import ChangeEvent, Command
from ticketboss.domain.refusals import EventCancelled
from ticketboss.engine import pausing
from ticketboss.engine.answers import Accepted, CommandRefused, Overloaded
from ticketboss.engine.pausing import PAUSE_SECONDS_MAX, Paused, pause_all
from ticketboss.repository.interface import OutcomeUnknown, StorageUnavailable

BEFORE = ("a-test", "b-live", "c-paused", "d-cancelled")


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """Five events: BEFORE, as their names say, and the live event of every rig."""
    rig = Rig(tmp_path)
    for event_id in BEFORE:
        rig.committer.submit(create_event(event_id=event_id, is_test=event_id == "a-test"))
    for event_id, setting in (("c-paused", "paused"), ("d-cancelled", "cancelled")):
        rig.committer.submit(ChangeEvent(event_id=event_id, settings={setting: True}))
    return rig


def _pause_all(rig: Rig, for_test: bool | None = None) -> Paused:
    return pause_all(rig.repository, rig.committer, OPERATOR, for_test)


def _are_paused(rig: Rig) -> dict[str, bool]:
    return {event.event_id: event.paused for event in rig.repository.events("", 100)}


def test_all_events_are_paused_but_the_cancelled_ones(rig: Rig) -> None:
    assert _pause_all(rig) == Paused(["a-test", "b-live", EVENT_ID], ["c-paused"], [])
    paused = _are_paused(rig)
    assert paused.pop("d-cancelled") is False
    assert set(paused.values()) == {True}


def test_each_is_an_entry_of_its_own_by_whoever_asked(rig: Rig) -> None:
    _pause_all(rig)
    (entry,) = rig.repository.ledger("b-live", 0, 10)
    assert (entry.kind, entry.actor, entry.detail["paused"]) == ("event_changed", OPERATOR, True)


def test_a_second_time_changes_nothing(rig: Rig) -> None:
    _pause_all(rig)
    before = rig.repository.events("", 100)
    assert _pause_all(rig) == Paused([], ["a-test", "b-live", "c-paused", EVENT_ID], [])
    assert rig.repository.events("", 100) == before


@pytest.mark.parametrize(
    ("for_test", "outcome"),
    [
        (True, Paused(["a-test"], [], [])),
        (False, Paused(["b-live", EVENT_ID], ["c-paused"], [])),
    ],
)
def test_only_test_events_or_only_the_others_are_paused(
    rig: Rig, for_test: bool, outcome: Paused
) -> None:
    assert _pause_all(rig, for_test) == outcome
    paused = _are_paused(rig)
    assert (paused["a-test"], paused["b-live"]) == (for_test, not for_test)


def test_without_events_there_is_nothing_to_pause(tmp_path: Path) -> None:
    assert _pause_all(Rig(tmp_path), for_test=True) == Paused()


def test_more_events_than_a_page_are_all_paused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pausing, "PAGE_EVENTS", 2)
    assert len(_pause_all(rig).paused) == 3
    # Ending with a full page as well.
    rig.committer.submit(create_event(event_id="z-last"))
    assert _pause_all(rig).paused == ["z-last"]


def test_an_event_whose_id_is_a_number_is_paused_too(rig: Rig) -> None:
    rig.committer.submit(create_event(event_id="2026"))
    assert _pause_all(rig).paused[0] == "2026"


def _for_one(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, instead: Callable[[Command], Accepted]
) -> None:
    """Have the committer do something else with the command for "b-live"."""
    submit = rig.committer.submit

    def submitted(command: Command) -> Accepted:
        return instead(command) if command.event_id == "b-live" else submit(command)

    monkeypatch.setattr(rig.committer, "submit", submitted)


@pytest.mark.parametrize(
    "error", [Overloaded("no turn"), OutcomeUnknown("no answer"), StorageUnavailable("away")]
)
def test_an_event_that_could_not_be_paused_is_named_and_the_others_are_paused(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_: Command) -> Accepted:
        raise error

    with monkeypatch.context() as patched:
        _for_one(rig, patched, fail)
        assert _pause_all(rig) == Paused(["a-test", EVENT_ID], ["c-paused"], ["b-live"])
    assert not _are_paused(rig)["b-live"]
    assert _pause_all(rig).paused == ["b-live"]


def test_an_event_that_was_cancelled_meanwhile_sells_nothing_either(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = rig.committer.submit

    def cancelled_before(command: Command) -> Accepted:
        submit(ChangeEvent(event_id="b-live", settings={"cancelled": True}))
        with pytest.raises(CommandRefused) as raised:
            submit(command)
        assert raised.value.refusal == EventCancelled()
        raise raised.value

    _for_one(rig, monkeypatch, cancelled_before)
    assert "b-live" not in _pause_all(rig).not_paused


def test_when_the_time_is_up_the_rest_is_named_and_left(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit, begun = rig.committer.submit, time.monotonic()

    def slow(command: Command) -> Accepted:
        accepted = submit(command)
        monkeypatch.setattr(time, "monotonic", lambda: begun + PAUSE_SECONDS_MAX + 60)
        return accepted

    with monkeypatch.context() as patched:
        patched.setattr(rig.committer, "submit", slow)
        assert _pause_all(rig) == Paused(["a-test"], ["c-paused"], ["b-live", EVENT_ID])


def test_calling_again_goes_on_with_the_rest(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(pausing, "PAUSE_SECONDS_MAX", 0.0)
        patched.setattr(time, "monotonic", lambda: 1_000.0)
        assert _pause_all(rig).not_paused == ["a-test", "b-live", EVENT_ID]
    assert _pause_all(rig).paused == ["a-test", "b-live", EVENT_ID]


def test_events_that_cannot_be_read_are_an_error(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(rig.repository, "events", away)
    with pytest.raises(StorageUnavailable):
        _pause_all(rig)
