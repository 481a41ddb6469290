"""Bugs in the rules of the sale, each with a short play that shows it."""

import time
from datetime import UTC, datetime, timedelta

from tests.faults.history.planted import Bug, Patch
from tests.faults.history.stage import Stage

DECIDE, LEDGER, EVENTS = "domain/decide.py", "domain/ledger.py", "domain/events.py"
GROWTH, ENDINGS, BULK = "domain/rules/growth.py", "domain/rules/endings.py", "domain/rules/bulk.py"
EVENT_CHANGES = "domain/rules/event_changes.py"


def cancels_twice(stage: Stage) -> None:
    stage.reserve(2)
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


RULE_BUGS = (
    Bug(
        "A cancellation that is repeated gives the seats back twice",
        [Patch(ENDINGS, "        return AlreadyCancelled()\n", "        pass\n")],
        "sums",
        cancels_twice,
    ),
    Bug(
        "Held seats count as available",
        [Patch(LEDGER, '"held": (-1, 1, 0)', '"held": (0, 1, 0)')],
        "sums",
        holds,
    ),
    Bug(
        "More seats for a reservation are not counted",
        [Patch(LEDGER, '"changed": (-1, 0, 0)', '"changed": (0, 0, 0)')],
        "sums",
        grows,
    ),
    Bug(
        "The last seats are refused",
        [Patch(GROWTH, "seats <= event.available_seats", "seats < event.available_seats")],
        "refusals",
        takes_all,
    ),
    Bug(
        "A partner may have one seat more than its limit",
        [Patch(GROWTH, "+ seats > seats_max", "+ seats > seats_max + 1")],
        "rules",
        meets_the_limit_of_a_partner,
    ),
    Bug(
        "A partner may have one open hold more than its limit",
        [Patch(GROWTH, "totals.open_holds >= event", "totals.open_holds > event")],
        "rules",
        meets_the_limit_of_holds,
    ),
    Bug(
        "A reservation may have one seat more than its limit",
        [
            Patch(
                GROWTH,
                "if command.seats > event.seats_per_reservation_max:",
                "if command.seats > event.seats_per_reservation_max + 1:",
            )
        ],
        "rules",
        meets_the_limit_of_a_reservation,
    ),
    Bug(
        "A paused sale sells",
        [Patch(EVENTS, 'if self.paused:\n            return "paused"', "pass")],
        "rules",
        reserves_in_a_pause,
    ),
    Bug(
        "A sale that is not open yet sells",
        [Patch(EVENTS, "now < self.on_sale_from:", "now < 0:")],
        "rules",
        reserves_before_the_sale,
    ),
    Bug(
        "If-Match is ignored",
        [Patch(DECIDE, "current_version not in command.expected_versions", "current_version < 0")],
        "rules",
        changes_an_old_version,
    ),
    Bug(
        "Another body under the same key is answered as a repetition",
        [Patch(DECIDE, "same = earlier.request_hash == command.request_hash()", "same = True")],
        "one effect per key",
        asks_again_for_something_else,
    ),
    Bug(
        "The idempotency key is ignored",
        [
            Patch(
                "domain/decisions.py",
                "key = None if command is None else command.idempotency_key",
                "key = None",
            )
        ],
        "one effect per key",
        asks_again,
    ),
    Bug(
        "A partner cancels another one's reservation",
        [
            Patch(
                DECIDE,
                "reservation is None or command.partner_id not in (None, reservation.partner_id)",
                "reservation is None",
            )
        ],
        "rules",
        meddles,
    ),
    Bug(
        "The capacity falls below what is sold",
        [
            Patch(EVENT_CHANGES, "if wanted.total_seats < taken_seats:", "if False:"),
            Patch(
                LEDGER,
                "available_seats=event.available_seats + total_seats - event.total_seats,",
                "available_seats=max(0, event.available_seats + total_seats - event.total_seats),",
            ),
        ],
        "sums",
        reduces_what_is_sold,
    ),
    Bug(
        "A frozen partner reserves",
        [Patch(ENDINGS, "PartnerFrozen() if own and", "PartnerFrozen() if own and False and")],
        "rules",
        reserves_while_frozen,
    ),
    Bug(
        "A partial fill over-sells",
        [
            Patch(GROWTH, "return max(command.min_seats, possible)", "return command.seats"),
            Patch(
                GROWTH,
                "or _beyond_event(state, event, seats, command.seats)",
                "or (not command.min_seats and _beyond_event(state, event, seats, seats)) or None",
            ),
            Patch(
                LEDGER,
                "available_seats=event.available_seats + available * seats_moved,",
                "available_seats=max(0, event.available_seats + available * seats_moved),",
            ),
        ],
        "sums",
        fills_what_is_left,
    ),
    Bug(
        "The version jumps by two",
        [
            Patch(
                LEDGER,
                "event.reservation_count + count,\n        version=event.version + 1,",
                "event.reservation_count + count,\n        version=event.version + 2,",
            )
        ],
        "gapless",
        takes_all,
    ),
    Bug(
        "A hold is confirmed after its time",
        [
            Patch("engine/plan.py", "in state.due:", "in state.due[:0]:"),
            Patch(
                ENDINGS,
                'changed, or None if it can."""\n'
                '    if reservation.status == "expired" or reservation.is_due(now):',
                'changed, or None if it can."""\n    if reservation.status == "expired":',
            ),
        ],
        "rules",
        confirms_too_late,
    ),
    Bug(
        "A bulk that is all or nothing is accepted in part",
        [Patch(BULK, "command.atomic and len(entries)", "False and len(entries)")],
        "rules",
        asks_for_all_or_nothing,
    ),
    Bug(
        "A bulk evades the limit of its partner",
        [
            Patch(
                BULK,
                "scratch.apply(decision[0])",
                "scratch.apply(decision[0]); scratch.partners = dict(state.partners)",
            )
        ],
        "rules",
        splits_an_order,
    ),
    Bug(
        "A hold of a cancelled event is confirmed",
        [
            Patch(
                ENDINGS,
                "    if event.cancelled:\n        return EventCancelled()\n"
                '    return (_ending(event, "confirmed"',
                '    return (_ending(event, "confirmed"',
            )
        ],
        "rules",
        confirms_for_a_cancelled_event,
    ),
    Bug(
        "A hold is extended beyond its limit",
        [Patch(GROWTH, "if expires_at > reservation.created_at", "if 0 > reservation.created_at")],
        "rules",
        holds_for_too_long,
    ),
)
