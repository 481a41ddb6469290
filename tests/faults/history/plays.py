"""Short sales, each of which shows something that may go wrong."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.faults.history.record import Operation
from tests.faults.history.stage import Stage


def cancels_twice(stage: Stage) -> None:
    stage.reserve(10)
    made = stage.reserve(3)
    stage.cancel(made)
    stage.cancel(made)


def holds(stage: Stage) -> None:
    stage.reserve(4)
    stage.confirm(stage.reserve(2, holdSeconds=60))


def grows(stage: Stage) -> None:
    stage.change(stage.reserve(2), 5)


def takes_all(stage: Stage) -> None:
    for _ in range(2):
        stage.reserve(10)


def meets_the_limit_of_a_partner(stage: Stage) -> None:
    stage.settings(seatsPerPartnerMax=3)
    stage.reserve(3)
    stage.reserve(1)


def meets_the_limit_of_holds(stage: Stage) -> None:
    stage.settings(openHoldsPerPartnerMax=1)
    for _ in range(2):
        stage.reserve(1, holdSeconds=60)


def meets_the_limit_of_a_reservation(stage: Stage) -> None:
    stage.settings(seatsPerReservationMax=4)
    stage.reserve(5)


def reserves_in_a_pause(stage: Stage) -> None:
    stage.operate("pause")
    stage.reserve(1)


def reserves_before_the_sale(stage: Stage) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    stage.settings(onSaleFrom=tomorrow.isoformat())
    stage.reserve(1)


def changes_an_old_version(stage: Stage) -> None:
    made = stage.reserve(2)
    stage.change(made, 3, if_match='"1"')
    stage.change(made, 4, if_match='"1"')


def asks_again_for_something_else(stage: Stage) -> None:
    stage.reserve(1, key="k")
    stage.reserve(2, key="k")


def asks_again(stage: Stage) -> None:
    for _ in range(2):
        stage.reserve(1, key="k", reference="r")


def meddles(stage: Stage) -> None:
    made = stage.reserve(1)
    stage.cancel(made, by="bob")
    stage.read("read_reservation", stage.of(made), by="bob")


def reduces_what_is_sold(stage: Stage) -> None:
    stage.reserve(10)
    stage.settings(totalSeats=8)


def reserves_while_frozen(stage: Stage) -> None:
    stage.freeze("keep")
    stage.reserve(1)
    stage.unfreeze()


def fills_what_is_left(stage: Stage) -> None:
    takes_all(stage)
    stage.settings(totalSeats=23)
    stage.reserve(9, minSeats=2)


def confirms_too_late(stage: Stage) -> None:
    made = stage.reserve(1, holdSeconds=1)
    time.sleep(1.01)
    stage.confirm(made)


def asks_for_all_or_nothing(stage: Stage) -> None:
    stage.bulk([10, 5, 10], atomic=True)


def splits_an_order(stage: Stage) -> None:
    stage.settings(seatsPerPartnerMax=3)
    stage.bulk([2, 2])


def confirms_for_a_cancelled_event(stage: Stage) -> None:
    made = stage.reserve(1, holdSeconds=60)
    stage.operate("cancel_event")
    stage.confirm(made)


def holds_for_too_long(stage: Stage) -> None:
    stage.settings(holdSecondsTotalMax=90)
    made = stage.reserve(1, holdSeconds=60)
    body = {"holdSeconds": 120}
    stage.ask("change", "PATCH", stage.of(made), body)


def reserves_behind_a_hold_that_is_over(stage: Stage) -> None:
    stage.reserve(1, holdSeconds=1)
    time.sleep(1.01)
    stage.reserve(1)


def finds_seats_held_for_too_long(stage: Stage) -> None:
    stage.reserve(10, holdSeconds=1)
    stage.reserve(10)
    # Later than clocks may be apart.
    time.sleep(1.1)
    stage.reserve(1)


def gives_up_on_a_reservation(stage: Stage) -> None:
    body = {"seats": 2, "reference": "late"}
    stage.ask("reserve", "POST", f"{stage.event}/reservations", body, seconds=0.2)
    stage.wait_for_version(2)


def a_hold_runs_out(stage: Stage) -> None:
    stage.reserve(10)
    stage.reserve(3, holdSeconds=1)
    stage.wait_for_version(3)


def keeps_a_hold_while_frozen(stage: Stage) -> None:
    stage.reserve(1, holdSeconds=60)
    stage.freeze("keep")
    stage.wait_for_version(2)
    stage.unfreeze()


def holds_and_reads(stage: Stage) -> None:
    stage.reserve(4, holdSeconds=60)
    stage.read("read_event", stage.event)


def reserves_and_reads(stage: Stage) -> None:
    stage.read("read_event", stage.event)
    stage.reserve(1)
    stage.read("read_event", stage.event)


def lists(stage: Stage) -> None:
    stage.reserve(1)
    stage.read("list", f"{stage.event}/reservations?cursor=0&limit=10")


def follows(stage: Stage) -> None:
    stage.reserve(1)
    stage.read("read_ledger", f"{stage.event}/ledger?after=0&limit=10", by="bob")


def cancels(stage: Stage) -> None:
    stage.cancel(stage.reserve(1))


def two_partners_choose_the_same_key(stage: Stage) -> None:
    for partner in ("ada", "bob"):
        stage.reserve(1, by=partner, key="order-1")


def reserves_many(stage: Stage) -> None:
    stage.bulk([12, 1, 2])


def reserves_more_than_three(stage: Stage) -> None:
    stage.bulk([1, 1, 1, 1])


def all_reserve_at_once(stage: Stage) -> None:
    stage.settings(totalSeats=10_000)
    path = f"{stage.event}/reservations"

    def act(ask: Callable[..., Operation]) -> None:
        for _ in range(25):
            ask("reserve", "POST", path, {"seats": 1})

    stage.crowd(act)


def all_cancel_the_same(stage: Stage) -> None:
    made = [stage.reserve(1) for _ in range(12)]

    def act(ask: Callable[..., Operation]) -> None:
        for each in made:
            ask("cancel", "DELETE", stage.of(each))

    stage.crowd(act)


# Plays that need several workers.
RACES = (all_reserve_at_once, all_cancel_the_same)
