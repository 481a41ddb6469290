"""The hash by which a reused key is told from a retry."""

import dataclasses

import pytest

from tests.unit.examples import (
    cancel,
    change,
    change_event,
    confirm,
    create_event,
    hold,
    reserve,
    sweep,
)
from ticketboss.domain.commands import Command


def test_the_minted_id_does_not_count() -> None:
    assert reserve(2, "r1").request_hash() == reserve(2, "r2").request_hash()


@pytest.mark.parametrize("command", [reserve(2), cancel("r1"), create_event()])
def test_neither_the_key_nor_the_precondition_counts(command: Command) -> None:
    other = dataclasses.replace(command, idempotency_key="k", expected_versions=frozenset({3}))
    assert other.request_hash() == command.request_hash()


@pytest.mark.parametrize(
    "other",
    [
        reserve(3),
        reserve(2, partner_id="xyz-corp"),
        reserve(2, event_id="another"),
        reserve(2, reference="PO 4711"),
        reserve(2, min_seats=1),
        reserve(2, min_seats=2),
        hold(2),
        cancel("r1"),
        create_event(2),
    ],
)
def test_whatever_is_asked_counts(other: Command) -> None:
    assert other.request_hash() != reserve(2).request_hash()


def test_no_reference_differs_from_a_reference_that_reads_null() -> None:
    assert reserve(2).request_hash() != reserve(2, reference="null").request_hash()


def test_what_stands_in_one_field_cannot_be_taken_for_another() -> None:
    one = reserve(1, partner_id='a", 1, "b', reference=None)
    two = reserve(1, partner_id="a", reference="b")
    assert one.request_hash() != two.request_hash()


def test_commands_on_one_reservation_differ() -> None:
    commands = [
        cancel("r1"),
        confirm("r1"),
        change("r1", 2),
        change("r1", 3),
        change("r1", hold_seconds=2),
        change("r1", 2, hold_seconds=2),
        confirm("r2"),
        change("r2", 2),
        hold(2, hold_seconds=60),
        hold(2, hold_seconds=61),
    ]
    assert len({command.request_hash() for command in commands}) == len(commands)


def test_changes_of_an_event_differ_by_what_they_set_and_not_by_its_order() -> None:
    first = change_event(paused=True, name="N")
    assert first.request_hash() == change_event(name="N", paused=True).request_hash()
    others = [
        change_event(paused=True),
        change_event(paused=False, name="N"),
        change_event(cancelled=True, name="N"),
        change_event(paused=True, name=None),
    ]
    assert len({command.request_hash() for command in (first, *others)}) == 5


def test_who_asks_and_whose_it_must_be_does_not_count() -> None:
    own = cancel("r1", partner_id="abc-corp", actor="operator:key-1")
    assert own.request_hash() == cancel("r1").request_hash()


def test_cancellations_of_different_reservations_differ() -> None:
    assert cancel("r1").request_hash() != cancel("r2").request_hash()


def test_the_hash_of_a_request_is_the_same_in_every_release() -> None:
    # It stands in ledgers: a change would refuse the retries of earlier requests.
    assert reserve(3, reference="PO 4711").request_hash() == (
        "2ed39a2ec0857ebf52e8bf2b428812459cf220d732ee24a652969be2866e75ef"
    )


def test_only_a_command_on_a_reservation_names_an_existing_one() -> None:
    assert cancel("r1").existing_reservation_id == "r1"
    assert confirm("r2").existing_reservation_id == "r2"
    assert change("r3", 1).existing_reservation_id == "r3"
    assert reserve(2, "r1").existing_reservation_id is None
    assert hold(2, "r1").existing_reservation_id is None
    assert sweep().existing_reservation_id is None
    assert change_event(paused=True).existing_reservation_id is None
    assert create_event().existing_reservation_id is None
