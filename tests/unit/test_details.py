"""Details of the domain that only a mutation of the code has shown to be untested."""

import pytest

from tests.unit.bulks import bulk, outcomes_of
from tests.unit.examples import (
    NOW,
    PARTNER_ID,
    after,
    cancel,
    change,
    confirm,
    create_event,
    hold,
    one,
    reserve,
)
from ticketboss.domain.access import ApiKey, Caller
from ticketboss.domain.commands import Reserve
from ticketboss.domain.decide import decide, decide_due
from ticketboss.domain.events import EVENT_NAME_LENGTH_MAX, is_event_name
from ticketboss.domain.ledger import reservation_after
from ticketboss.domain.refusals import NotEnoughSeats

OTHER_EXPIRY = NOW + 60_000


@pytest.mark.parametrize(
    "other",
    [
        hold(3, key="k"),
        hold(2, key="k", partner_id="xyz-corp"),
        hold(2, key="k", reference="PO 1"),
        hold(2, key="k", hold_seconds=61),
        hold(2, key="k", min_seats=1),
        reserve(2, key="k"),
    ],
)
def test_a_hold_under_the_key_of_another_one_is_another_request(other: Reserve) -> None:
    assert hold(2, key="k").request_hash() != other.request_hash()


def test_nobody_is_the_actor_on_a_reservation_that_is_not_there() -> None:
    assert cancel("r9").actor_among({}) is None


def test_the_system_ends_a_claim_at_the_time_at_which_it_does() -> None:
    state = after(create_event(10), hold(2), reserve(3, "r2"))
    for reservation_id in ("r1", "r2"):
        entry = decide_due(state, reservation_id, NOW + 1)
        assert entry is not None
        assert entry.at == NOW + 1


def test_a_reservation_keeps_its_reference_whatever_a_later_entry_says() -> None:
    state = after(create_event(10), hold(2, reference="PO 1"))
    decision = decide(state, confirm("r1"), NOW)
    assert isinstance(decision, tuple)
    silent = decision[0]._replace(detail={})
    kept = reservation_after(one(state), silent, "r1", PARTNER_ID)
    assert kept.reference == "PO 1"


def test_who_wants_more_seats_is_told_when_held_ones_may_come_back() -> None:
    state = after(create_event(10), hold(5), reserve(4, "r2"))
    refusal = decide(state, change("r2", 6), NOW)
    assert refusal == NotEnoughSeats(2, 1, 5, OTHER_EXPIRY)


def test_a_refused_item_of_a_bulk_tells_when_the_holds_of_others_end() -> None:
    state = after(create_event(10), hold(5, partner_id="xyz-corp"))
    accepted, refused = outcomes_of(state, bulk(4, 3))
    assert accepted is None
    assert refused is not None
    assert refused["facts"]["next_hold_expires_at"] == OTHER_EXPIRY


def test_a_refused_bulk_tells_of_no_hold_where_none_is_left() -> None:
    state = after(create_event(10), hold(5), confirm("r1"))
    assert state.next_hold_expires_at == OTHER_EXPIRY, "of the hold that was"
    _, refused = outcomes_of(state, bulk(4, 3, atomic=True))
    assert refused is not None
    assert refused["facts"]["next_hold_expires_at"] is None


@pytest.mark.parametrize("is_test", [True, False])
def test_a_key_says_who_acts_for_whom(is_test: bool) -> None:
    partner = ApiKey("key-1", "tb", "abc-corp", is_test, created_at=NOW)
    operator = ApiKey("key-2", "tb", None, is_test, created_at=NOW)
    assert Caller.with_key(partner) == Caller("partner:abc-corp", "abc-corp", is_test, "key-1")
    assert Caller.with_key(operator) == Caller("operator:key-2", None, is_test, "key-2")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("The drop", True),
        ("x" * EVENT_NAME_LENGTH_MAX, True),
        ("x" * (EVENT_NAME_LENGTH_MAX + 1), False),
        ("   ", False),
        ("a\nb", False),
        ("", False),
    ],
)
def test_an_event_has_a_name_that_can_be_read(name: str, is_one: bool) -> None:
    assert is_event_name(name) is is_one
