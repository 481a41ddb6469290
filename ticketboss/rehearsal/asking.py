"""A partner's errand, carried out as the partner guide says: again under its key until settled."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from ticketboss.client.answers import as_nothing, as_reservation
from ticketboss.client.arguments import segment
from ticketboss.client.documents import Reservation
from ticketboss.client.event_calls import EventCalls
from ticketboss.client.patience import Patience
from ticketboss.client.problems import OutcomeUnknown, TicketBossError
from ticketboss.rehearsal.errands import ACCEPTED, UNKNOWN, Errand, Told, first_action

ERRAND_SECONDS_MAX = 60.0
# Had no effect, and says when to ask again.
PASSING = (429, 503)


@dataclass(frozen=True, slots=True)
class Partner:
    """One partner's way to the event; its id is None where its key says who it is.

    `run` makes its idempotency keys and references those of this rehearsal.
    """

    calls: EventCalls
    partner_id: str | None
    run: str
    hold_seconds: int
    patience: Patience

    def reference(self, errand: Errand) -> str:
        """The order number of a wish."""
        return reference(self.run, errand.wish.number)


def reference(run: str, number: int) -> str:
    """The partner's order number of a wish: in the ledger it tells whose an entry is."""
    return f"{run}-{number}"


def one_try(timeout_seconds: float) -> Patience:
    """The patience of a try: what failed is seen, counted and asked again here."""
    return Patience(
        timeout_seconds=timeout_seconds,
        connect_timeout_seconds=timeout_seconds,
        attempts_max=1,
        deadline_seconds=timeout_seconds,
        backoff_seconds=0.05,
        backoff_seconds_max=1.0,
    )


def carry_out(errand: Errand, partner: Partner, since_start: Callable[[], float]) -> Told:
    """Ask until there is an answer that settles it, or ERRAND_SECONDS_MAX are over."""
    sent = since_start()
    failed: list[str] = []
    is_open = False
    while True:
        try:
            reservation = _ask(errand, partner)
        except TicketBossError as error:
            is_open |= isinstance(error, OutcomeUnknown)
            pause = partner.patience.pause_seconds(len(failed) + 1, error.retry_after_seconds)
            passes = isinstance(error, OutcomeUnknown) or error.status in PASSING
            ended = since_start()
            if not passes or ended + pause - sent > ERRAND_SECONDS_MAX:
                # The last try had no effect where it only passes; one before may have had it.
                return Told(
                    errand=errand,
                    sent_seconds=sent,
                    ended_seconds=ended,
                    code=UNKNOWN if passes and is_open else error.code,
                    version=error.version,
                    failed_tries=tuple(failed),
                )
            failed.append(error.code)
            time.sleep(pause)
        else:
            return Told(
                errand=errand,
                sent_seconds=sent,
                ended_seconds=since_start(),
                code=ACCEPTED,
                version=reservation.version if reservation else None,
                reservation=reservation,
                failed_tries=tuple(failed),
            )


def _ask(errand: Errand, partner: Partner) -> Reservation | None:
    """One try. Raises TicketBossError where the answer is not yes."""
    key = f"{partner.run}-{errand.intent}"
    write = partner.calls.write
    if errand.action == "cancel":
        write("DELETE", _path(errand), as_nothing, key)
        return None
    if errand.action == "confirm":
        return write("POST", f"{_path(errand)}/confirm", as_reservation, key)
    holds = first_action(errand.wish) == "hold"
    body = {
        "partnerId": partner.partner_id,
        "seats": errand.wish.seats,
        "holdSeconds": partner.hold_seconds if holds else None,
        "reference": partner.reference(errand),
    }
    return write("POST", "/reservations", as_reservation, key, body)


def _path(errand: Errand) -> str:
    return f"/reservations/{segment(errand.reservation_id or '')}"
