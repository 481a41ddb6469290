"""Bugs with time: what is over and goes on, and what is done once more when it took too long."""

from tests.faults.history import plays
from tests.faults.history.planted import Bug
from tests.faults.history.planted_engine import BATCH, COMMIT, PLAN
from tests.planting import Patch

NOBODY_ENDS_HOLDS = Patch(PLAN, "in state.due:", "in state.due[:0]:")

LATE_BUGS = (
    Bug(
        "Holds go on when their time is over",
        [NOBODY_ENDS_HOLDS],
        "expiry",
        plays.reserves_behind_a_hold_that_is_over,
    ),
    Bug(
        "Seats are refused that are held for too long",
        [NOBODY_ENDS_HOLDS],
        "refusals",
        plays.finds_seats_held_for_too_long,
    ),
    Bug(
        "A request without a key is carried out again when its answer is late",
        [
            Patch(
                BATCH,
                COMMIT,
                COMMIT + "                import dataclasses\n"
                "                from ticketboss.engine.ids import new_id\n"
                "                again = [dataclasses.replace(each, reservation_id=new_id())\n"
                "                         for each in commands if hasattr(each, 'min_seats')\n"
                "                         and each.idempotency_key is None]\n"
                "                if again:\n"
                "                    time.sleep(0.5)\n"
                "                    read = self._repository.snapshot(event_id, again, deadline)\n"
                "                    repeated = make_plan(read, again)\n"
                "                    self._repository.commit(repeated.changes, deadline)\n",
            )
        ],
        "acknowledged",
        plays.gives_up_on_a_reservation,
    ),
)
