"""The rules of the sale, one example each."""

import pytest

from tests.unit.examples import NOW, accepted, after, cancel, create_event, reserve
from ticketboss.domain import refusals
from ticketboss.domain.commands import Command
from ticketboss.domain.decide import decide
from ticketboss.domain.ledger import EventState
from ticketboss.domain.refusals import (
    AlreadyCancelled,
    EventExists,
    EventNotFound,
    NotEnoughSeats,
    Refusal,
    ReservationNotFound,
    TooManySeats,
)
from ticketboss.domain.reservations import PartnerTotals


def test_creating_an_event_puts_all_its_seats_on_sale_at_version_0() -> None:
    entry = accepted(decide(EventState(), create_event(500, seats_per_reservation_max=7), NOW))
    assert (entry.version, entry.kind, entry.actor, entry.at) == (0, "event_created", "system", NOW)
    state = EventState()
    state.apply(entry)
    event = state.event
    assert event is not None
    assert (event.event_id, event.name, event.version) == ("drop", "The drop", 0)
    assert (event.total_seats, event.available_seats, event.held_seats) == (500, 500, 0)
    assert (event.reservation_count, event.seats_per_reservation_max) == (0, 7)
    assert event.sale_state(NOW) == "on_sale"


def test_an_event_is_not_created_twice() -> None:
    state = after(create_event(500))
    assert decide(state, create_event(9, name="Another"), NOW) == EventExists()


@pytest.mark.parametrize("command", [reserve(), cancel()])
def test_an_unknown_event_has_nothing_to_reserve_or_cancel(command: Command) -> None:
    assert decide(EventState(), command, NOW) == EventNotFound()


def test_a_reservation_takes_its_seats_and_tells_who_when_and_how_many() -> None:
    state = after(create_event(500))
    entry = accepted(decide(state, reserve(3, "r7", partner_id="abc-corp"), NOW + 5))
    assert (entry.version, entry.kind, entry.actor) == (1, "reserved", "partner:abc-corp")
    assert (entry.reservation_id, entry.partner_id, entry.seats) == ("r7", "abc-corp", 3)
    assert (entry.total_seats, entry.available_seats, entry.held_seats) == (500, 497, 0)
    assert (entry.reservation_count, entry.at) == (1, NOW + 5)
    assert (entry.idempotency_key, entry.request_hash, entry.detail) == (None, None, {})


def test_a_reservation_stands_as_its_entry_says() -> None:
    state = after(create_event(), reserve(3, "r7", reference="PO 4711"))
    reservation = state.reservations["r7"]
    assert (reservation.partner_id, reservation.seats) == ("abc-corp", 3)
    assert (reservation.status, reservation.is_live) == ("confirmed", True)
    assert (reservation.reference, reservation.created_at) == ("PO 4711", NOW)
    assert (reservation.created_version, reservation.version) == (1, 1)
    assert state.partners == {"abc-corp": PartnerTotals(3, open_holds=0)}


def test_the_last_seats_can_be_reserved_and_then_the_event_is_sold_out() -> None:
    state = after(create_event(5), reserve(2, "r1"), reserve(3, "r2"))
    assert state.event is not None
    assert (state.event.available_seats, state.event.reserved_seats) == (0, 5)
    assert state.event.sale_state(NOW) == "sold_out"


def test_one_seat_more_than_available_is_refused_with_what_is_left() -> None:
    state = after(create_event(5), reserve(2, "r1"))
    assert decide(state, reserve(4, "r2"), NOW) == NotEnoughSeats(
        requested_seats=4, available_seats=3, held_seats=0
    )


def test_as_many_seats_as_one_reservation_may_have_are_accepted() -> None:
    state = after(create_event(500, seats_per_reservation_max=10))
    assert accepted(decide(state, reserve(10), NOW)).seats == 10


def test_one_seat_more_than_a_reservation_may_have_is_refused() -> None:
    state = after(create_event(500, seats_per_reservation_max=10))
    assert decide(state, reserve(11), NOW) == TooManySeats(
        requested_seats=11, seats_per_reservation_max=10
    )


def test_too_many_seats_is_the_answer_even_when_so_many_are_not_left() -> None:
    state = after(create_event(3, seats_per_reservation_max=10))
    assert isinstance(decide(state, reserve(11), NOW), TooManySeats)


def test_cancelling_gives_all_seats_back() -> None:
    state = after(create_event(500), reserve(3, "r1"), reserve(4, "r2"))
    entry = accepted(decide(state, cancel("r1"), NOW + 9))
    assert (entry.version, entry.kind, entry.actor) == (3, "cancelled", "partner:abc-corp")
    assert (entry.reservation_id, entry.seats, entry.at) == ("r1", 3, NOW + 9)
    assert (entry.available_seats, entry.reservation_count) == (496, 1)
    state.apply(entry)
    assert state.partners == {"abc-corp": PartnerTotals(4, open_holds=0)}


def test_a_cancelled_reservation_keeps_all_but_its_status_and_version() -> None:
    state = after(create_event(), reserve(3, "r1", reference="PO 4711"), cancel("r1"))
    reservation = state.reservations["r1"]
    assert (reservation.status, reservation.is_live, reservation.version) == ("cancelled", False, 2)
    assert (reservation.seats, reservation.reference) == (3, "PO 4711")
    assert (reservation.created_at, reservation.created_version) == (NOW, 1)


def test_a_reservation_is_cancelled_only_once() -> None:
    state = after(create_event(), reserve(3), cancel())
    assert decide(state, cancel(), NOW) == AlreadyCancelled()


def test_an_unknown_reservation_cannot_be_cancelled() -> None:
    assert decide(after(create_event()), cancel("nobody's"), NOW) == ReservationNotFound()


def test_seats_that_came_back_are_sold_again() -> None:
    state = after(create_event(5), reserve(5, "r1"), cancel("r1"))
    assert accepted(decide(state, reserve(5, "r2"), NOW)).available_seats == 0


def test_time_may_go_back_but_versions_do_not() -> None:
    state = after(create_event())
    entry = accepted(decide(state, reserve(), NOW - 60_000))
    assert (entry.at, entry.version) == (NOW - 60_000, 1)


def test_a_command_without_rules_is_a_bug_and_no_refusal() -> None:
    with pytest.raises(TypeError, match="Nothing decides a Command"):
        decide(after(create_event()), Command(event_id="drop"), NOW)


def test_every_refusal_has_a_code_of_its_own() -> None:
    # Not __subclasses__(): a dataclass with slots is a second class beside the one it came from.
    kinds = [
        kind
        for kind in vars(refusals).values()
        if isinstance(kind, type) and issubclass(kind, Refusal) and kind is not Refusal
    ]
    assert len(kinds) >= 8
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.code.replace("_", "").islower() for kind in kinds)
