"""Refusals by partner: summed over the workers, bounded, and in no metric."""

from pathlib import Path

import pytest

from tests.unit.examples import EVENT_ID, cancel, change_event, reserve
from ticketboss import refusal_counts
from ticketboss.domain.refusals import EventNotFound, SaleClosed
from ticketboss.engine.answers import CommandRefused, Overloaded
from ticketboss.metrics import Metrics
from ticketboss.refusal_counts import OTHERS, RefusalCounts

PLACE = ("show", "abc-corp")


def test_workers_are_added_up_and_one_that_is_replaced_goes_on(tmp_path: Path) -> None:
    first, second = (RefusalCounts(str(tmp_path), f"slot{number}") for number in range(2))
    first.add({PLACE: 2})
    first.add({PLACE: 1, ("show", "other"): 1})
    second.add({PLACE: 4})
    successor = RefusalCounts(str(tmp_path), "slot0")
    successor.add({PLACE: 10})

    assert second.all() == successor.all() == {PLACE: 17, ("show", "other"): 1}


def test_partners_beyond_the_limit_are_counted_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusal_counts, "REFUSED_PARTNERS_MAX", 2)
    counts = RefusalCounts(str(tmp_path), "slot0")

    counts.add({("show", f"partner-{number}"): 1 for number in range(5)})
    counts.add({("show", "partner-0"): 1})

    assert counts.all() == {("show", "partner-0"): 2, ("show", "partner-1"): 1, OTHERS: 3}


def test_the_event_without_a_refusal_for_longest_makes_room_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusal_counts, "REFUSED_PARTNERS_MAX", 3)
    counts = RefusalCounts(str(tmp_path), "slot0")

    counts.add({("rehearsal", "a"): 1, ("rehearsal", "b"): 1})
    counts.add({("show", "a"): 5})
    counts.add({("gala", "a"): 7})
    kept = {("show", "a"): 5, ("gala", "a"): 7}
    assert counts.all() == kept

    successor = RefusalCounts(str(tmp_path), "slot0")
    assert successor.all() == kept
    successor.add({("gala", "b"): 1})
    successor.add({("show", "a"): 1, ("gala", "c"): 1, ("gala", "d"): 1})
    gala = {("gala", partner_id): count for partner_id, count in {"a": 7, "b": 1, "c": 1}.items()}
    assert successor.all() == {**gala, OTHERS: 1}


def test_names_come_back_as_they_were(tmp_path: Path) -> None:
    counts = RefusalCounts(str(tmp_path), "slot0")
    places = {("show", "a:b_c.d-e"): 1, ("x" * 64, "y" * 64): 2}

    counts.add(places)

    assert counts.all() == places


def test_without_a_folder_a_process_counts_for_itself() -> None:
    counts = RefusalCounts(None, "")
    counts.add({PLACE: 1})

    assert counts.all() == {PLACE: 1}


def test_refusals_alone_are_counted_of_events_that_there_are() -> None:
    metrics = Metrics(None)

    metrics.answered(
        [
            (reserve(), CommandRefused(SaleClosed(), 1)),
            (reserve(), CommandRefused(SaleClosed(), 1)),
            (reserve(), CommandRefused(EventNotFound(), None)),
            (reserve(), Overloaded("busy")),
            # Of these the partner is not named.
            (cancel("r1"), CommandRefused(SaleClosed(), 1)),
            (change_event(paused=True), CommandRefused(SaleClosed(), 1)),
        ]
    )

    assert metrics.refusals() == {(EVENT_ID, "abc-corp"): 2}


def test_no_partner_gets_into_the_metrics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    metrics = Metrics(str(tmp_path))

    metrics.answered([(reserve(), CommandRefused(SaleClosed(), 1))])

    assert metrics.refusals()
    assert "abc-corp" not in metrics.exposition([]).decode()
