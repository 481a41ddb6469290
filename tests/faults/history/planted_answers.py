"""Bugs in what is read and told."""

from tests.faults.history import plays
from tests.faults.history.planted import Bug
from tests.planting import Patch

RENDERING = "api/rendering.py"

ANSWER_BUGS = (
    Bug(
        "A bulk's outcomes come in another order",
        [
            Patch(
                "api/bulk.py",
                "for outcome in outcomes\n        ],",
                "for outcome in sorted(outcomes, key=bool)\n        ],",
            )
        ],
        "answers",
        plays.reserves_many,
    ),
    Bug(
        "The ledger shows a partner the ids of others",
        [
            Patch(
                RENDERING,
                "    if partner_id is None or entry.partner_id == partner_id:\n",
                "    if True:\n",
            )
        ],
        "reads",
        plays.follows,
    ),
    Bug(
        "An event shows held seats as available",
        [
            Patch(
                RENDERING,
                '"availableSeats": event.available_seats,\n        "heldSeats"',
                '"availableSeats": event.available_seats + event.held_seats,\n        "heldSeats"',
            )
        ],
        "reads",
        plays.holds_and_reads,
    ),
    Bug(
        "A partner reads another one's reservation",
        [
            Patch(
                "api/reservations.py",
                "reservation is None or caller().partner_id not in (None, reservation.partner_id)",
                "reservation is None",
            )
        ],
        "reads",
        plays.meddles,
    ),
    Bug(
        "A change is answered with the seats of before",
        [
            Patch(
                RENDERING,
                '"seats": entry.seats,\n        "status"',
                '"seats": entry.detail.get("seats_before", entry.seats),\n        "status"',
            )
        ],
        "answers",
        plays.grows,
    ),
    Bug(
        "A list shows cancelled reservations as confirmed",
        [
            Patch(
                RENDERING,
                '"status": reservation.status,',
                '"status": reservation.status.replace("cancelled", "confirmed"),',
            )
        ],
        "ending",
        plays.cancels,
    ),
    Bug(
        "A list shows its reservations twice",
        [
            Patch(
                "api/paging.py",
                "for row in page.reservations]",
                "for row in [*page.reservations, *page.reservations]]",
            )
        ],
        "reads",
        plays.lists,
    ),
    Bug(
        "A page of the ledger leads a partner back to where it began",
        [
            Patch(
                "api/ledger.py",
                "entries[-1].version if entries else after",
                "entries[-1].version if entries and not partner_id else after",
            )
        ],
        "reads",
        plays.follows,
    ),
    Bug(
        "A list that is not empty is not found",
        [
            Patch(
                "api/paging.py",
                '    document = {\n        "reservations"',
                "    from ticketboss.api.context import caller\n"
                "    if page.reservations and caller().partner_id:\n"
                '        raise Problem("event_not_found")\n'
                '    document = {\n        "reservations"',
            )
        ],
        "answers",
        plays.lists,
    ),
)
