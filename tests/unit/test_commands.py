"""The hash by which a reused key is told from a retry."""

import dataclasses

import pytest

from tests.unit.examples import cancel, create_event, reserve
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


def test_cancellations_of_different_reservations_differ() -> None:
    assert cancel("r1").request_hash() != cancel("r2").request_hash()


def test_the_hash_of_a_request_is_the_same_in_every_release() -> None:
    # It stands in ledgers: a change would refuse the retries of earlier requests.
    assert reserve(3, reference="PO 4711").request_hash() == (
        "2ed39a2ec0857ebf52e8bf2b428812459cf220d732ee24a652969be2866e75ef"
    )


def test_only_a_cancellation_names_an_existing_reservation() -> None:
    assert cancel("r1").existing_reservation_id == "r1"
    assert reserve(2, "r1").existing_reservation_id is None
    assert create_event().existing_reservation_id is None
