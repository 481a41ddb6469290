"""Bugs in the rules of the sale."""

from tests.faults.history import plays
from tests.faults.history.planted import Bug
from tests.planting import Patch

DECIDE, LEDGER, EVENTS = "domain/decide.py", "domain/ledger.py", "domain/events.py"
GROWTH, ENDINGS, BULK = "domain/rules/growth.py", "domain/rules/endings.py", "domain/rules/bulk.py"
EVENT_CHANGES = "domain/rules/event_changes.py"

RULE_BUGS = (
    Bug(
        "A cancellation that is repeated gives the seats back twice",
        [Patch(ENDINGS, "        return AlreadyCancelled()\n", "        pass\n")],
        "sums",
        plays.cancels_twice,
    ),
    Bug(
        "Held seats count as available",
        [Patch(LEDGER, '"held": (-1, 1, 0)', '"held": (0, 1, 0)')],
        "sums",
        plays.holds,
    ),
    Bug(
        "More seats for a reservation are not counted",
        [Patch(LEDGER, '"changed": (-1, 0, 0)', '"changed": (0, 0, 0)')],
        "sums",
        plays.grows,
    ),
    Bug(
        "The last seats are refused",
        [Patch(GROWTH, "seats <= event.available_seats", "seats < event.available_seats")],
        "refusals",
        plays.takes_all,
    ),
    Bug(
        "A partner may have one seat more than its limit",
        [Patch(GROWTH, "+ seats > seats_max", "+ seats > seats_max + 1")],
        "rules",
        plays.meets_the_limit_of_a_partner,
    ),
    Bug(
        "A partner may have one open hold more than its limit",
        [Patch(GROWTH, "totals.open_holds >= event", "totals.open_holds > event")],
        "rules",
        plays.meets_the_limit_of_holds,
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
        plays.meets_the_limit_of_a_reservation,
    ),
    Bug(
        "A paused sale sells",
        [Patch(EVENTS, 'if self.paused:\n            return "paused"', "pass")],
        "rules",
        plays.reserves_in_a_pause,
    ),
    Bug(
        "A sale that is not open yet sells",
        [Patch(EVENTS, "now < self.on_sale_from:", "now < 0:")],
        "rules",
        plays.reserves_before_the_sale,
    ),
    Bug(
        "If-Match is ignored",
        [Patch(DECIDE, "current_version not in command.expected_versions", "current_version < 0")],
        "rules",
        plays.changes_an_old_version,
    ),
    Bug(
        "Another body under the same key is answered as a repetition",
        [Patch(DECIDE, "same = earlier.request_hash == command.request_hash()", "same = True")],
        "one effect per key",
        plays.asks_again_for_something_else,
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
        plays.asks_again,
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
        plays.meddles,
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
        plays.reduces_what_is_sold,
    ),
    Bug(
        "A frozen partner reserves",
        [Patch(ENDINGS, "PartnerFrozen() if own and", "PartnerFrozen() if own and False and")],
        "rules",
        plays.reserves_while_frozen,
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
        plays.fills_what_is_left,
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
        plays.takes_all,
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
        plays.confirms_too_late,
    ),
    Bug(
        "A bulk that is all or nothing is accepted in part",
        [Patch(BULK, "command.atomic and len(entries)", "False and len(entries)")],
        "rules",
        plays.asks_for_all_or_nothing,
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
        plays.splits_an_order,
    ),
    Bug(
        "A hold of a cancelled event is confirmed",
        [
            # Else a sweep may be faster than the confirmation.
            Patch("engine/sweeper.py", "SWEEP_SECONDS = 0.5", "SWEEP_SECONDS = 60"),
            Patch(
                ENDINGS,
                "    if event.cancelled:\n        return EventCancelled()\n"
                '    return (_ending(event, "confirmed"',
                '    return (_ending(event, "confirmed"',
            ),
        ],
        "rules",
        plays.confirms_for_a_cancelled_event,
    ),
    Bug(
        "A hold is extended beyond its limit",
        [Patch(GROWTH, "if expires_at > reservation.created_at", "if 0 > reservation.created_at")],
        "rules",
        plays.holds_for_too_long,
    ),
)
