"""Whether a drop kept what is promised; each line that it finds is a broken promise."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, islice

from ticketboss.rehearsal.errands import UNKNOWN, Told
from ticketboss.rehearsal.evidence import Evidence
from ticketboss.rehearsal.sums import wrong_lives, wrong_sums

LINES_PER_PROMISE_MAX = 10
# Overload that outlasted a partner's patience: a bounded answer without effect, as promised.
BUSY = {"overloaded", "rate_limited", "storage_unavailable"}
# What an operator may have done in the meantime.
STOPPED = {"event_cancelled", "partner_frozen"}
SALE_OVER = {"sale_not_open", "sale_closed", "sale_paused"}
REASONS = {
    "reserve": {"not_enough_seats", "partner_limit_reached", *SALE_OVER, *STOPPED, *BUSY},
    "confirm": {"hold_expired", *STOPPED, *BUSY},
    "cancel": {*STOPPED, *BUSY},
    "repeat": BUSY,
}
REASONS["hold"] = REASONS["reserve"]
ENDS = {"cancel": {"cancelled", "released"}, "confirm": {"confirmed"}}


def broken_promises(evidence: Evidence) -> list[str]:
    """All that is not as promised, a bounded number of lines for each promise."""
    checks = (
        oversold, wrong_sums, wrong_lives, lost_answers, lost_steps, ended_unasked, second_answers,
        second_effects, false_refusals, strange_refusals, unanswered, not_sent, differences,
    )  # fmt: skip
    found: list[str] = []
    for check in checks:
        lines = list(islice(check(evidence), LINES_PER_PROMISE_MAX + 1))
        if len(lines) > LINES_PER_PROMISE_MAX:
            lines[-1] = "... and more of this kind."
        found += lines
    return found


def oversold(evidence: Evidence) -> Iterator[str]:
    """More seats promised for good than there are, by what partners were told alone."""
    seats = {
        reservation.reservation_id: reservation.seats
        for _, reservation in evidence.accepted("reserve", "confirm")
    }
    for told in evidence.told:
        # Also where nobody knows whether it was cancelled.
        if told.errand.action == "cancel":
            seats.pop(told.errand.reservation_id or "", None)
    total = max([evidence.before.total_seats, *(entry.total_seats for entry in evidence.entries)])
    if sum(seats.values()) > total:
        yield f"Over-sold: partners were promised {sum(seats.values())} seats of {total}."


def lost_answers(evidence: Evidence) -> Iterator[str]:
    """Reservations that were acknowledged and are not in the ledger as the answer said."""
    for told, shown in evidence.accepted("reserve", "hold"):
        entry = evidence.by_version.get(shown.version)
        kind = "held" if told.errand.action == "hold" else "reserved"
        expected = (shown.reservation_id, shown.seats, kind)
        if entry is None or (entry.reservation_id, entry.seats, entry.kind) != expected:
            yield (
                f"Lost: reservation {shown.reservation_id} of {shown.seats} seats was acknowledged "
                f"at version {shown.version}, where the ledger has no such entry."
            )
        if shown.seats != told.errand.wish.seats:
            yield (
                f"Reservation {shown.reservation_id} has {shown.seats} seats, and "
                f"{told.errand.wish.seats} were asked for."
            )


def lost_steps(evidence: Evidence) -> Iterator[str]:
    """Confirmations and cancellations that were acknowledged and did not happen."""
    for told in evidence.told:
        kinds = ENDS.get(told.errand.action)
        if told.is_accepted and kinds:
            id_ = told.errand.reservation_id or ""
            if not any(entry.kind in kinds for entry in evidence.lives.get(id_, ())):
                yield (
                    f"Lost: that reservation {id_} was {min(kinds)} was acknowledged, and is not "
                    "in the ledger."
                )


def ended_unasked(evidence: Evidence) -> Iterator[str]:
    """Confirmed reservations that ended though their partner asked for no such thing."""
    asked = {told.errand.reservation_id for told in evidence.told if told.errand.action == "cancel"}
    if evidence.after.sale_state == "cancelled":
        return
    for _, shown in evidence.accepted("reserve", "confirm"):
        last = [*evidence.lives.get(shown.reservation_id, ())][-1:]
        if shown.reservation_id not in asked and last and last[0].kind in ("cancelled", "expired"):
            yield f"Lost: reservation {shown.reservation_id} is {last[0].kind}, and nobody asked."


def second_answers(evidence: Evidence) -> Iterator[str]:
    """Keys with two answers, and answers that two keys share."""
    first: dict[int, str] = {}
    owners: dict[str, int] = {}
    for told, shown in evidence.accepted("reserve", "hold"):
        number = told.errand.wish.number
        first[number] = shown.reservation_id
        if owners.setdefault(shown.reservation_id, number) != number:
            yield f"Two keys were answered with the same reservation {shown.reservation_id}."
    for told, shown in evidence.accepted("repeat"):
        if first.get(told.errand.wish.number) != shown.reservation_id:
            yield (
                f"One key has two answers: {first.get(told.errand.wish.number)} and "
                f"{shown.reservation_id}."
            )


def second_effects(evidence: Evidence) -> Iterator[str]:
    """Keys with two effects, and refusals that took seats all the same."""
    for told in evidence.told:
        if told.errand.action in ("reserve", "hold"):
            made = evidence.made_by(told)
            if len(made) > 1:
                versions = ", ".join(str(entry.version) for entry in made)
                yield f"One key has {len(made)} effects, at the versions {versions}."
            # A try without an answer may take seats that came back after the refusal.
            is_settled = told.code not in (UNKNOWN, "accepted") and not told.failed_tries
            if made and is_settled:
                yield f"Refused with {told.code}, and reserved at version {made[0].version}."


def false_refusals(evidence: Evidence) -> Iterator[str]:
    """Refusals for want of seats at a version that had them, or that was history already."""
    answers = sorted(
        (told.ended_seconds, told.version) for told in evidence.told if told.version is not None
    )
    ended = [seconds for seconds, _ in answers]
    newest = list(accumulate((version for _, version in answers), max))
    for told in evidence.told:
        if told.code != "not_enough_seats":
            continue
        seats, version = told.errand.wish.seats, told.version
        available = None if version is None else evidence.available_at(version)
        if version is None or available is None:
            yield f"{seats} seats were refused at version {version}, which is not in the ledger."
            continue
        if available >= seats:
            yield f"{seats} seats were refused at version {version}, which had {available}."
        known = bisect_left(ended, told.sent_seconds)
        if known and version < newest[known - 1]:
            yield (
                f"{seats} seats were refused at version {version}, when version "
                f"{newest[known - 1]} had been told before they were asked for."
            )


def strange_refusals(evidence: Evidence) -> Iterator[str]:
    """Refusals that a drop gives no reason for, and failures of the server by its own account."""
    codes = Counter(
        (told.errand.action, told.code)
        for told in evidence.told
        if not told.is_accepted and told.code not in (UNKNOWN, *REASONS[told.errand.action])
    )
    for (action, code), count in sorted(codes.items()):
        yield f"{count} x {action} refused with {code}, for which there was no reason."
    failures = sum(told.failed_tries.count("internal_error") for told in evidence.told)
    if failures:
        yield f"{failures} answers were 500 internal_error: a bug, by the server's own account."


def unanswered(evidence: Evidence) -> Iterator[str]:
    """Errands that no try settled, however often they were asked again."""
    lost = [told for told in evidence.told if told.code == UNKNOWN]
    if lost:
        yield f"{len(lost)} requests were never settled, {_of(lost)}."


def not_sent(evidence: Evidence) -> Iterator[str]:
    """A rehearsal that did not come to its end proves nothing."""
    if evidence.unsent:
        yield f"{evidence.unsent} requests were not sent, for the time was up."


def differences(evidence: Evidence) -> Iterator[str]:
    """What the server's own replay finds."""
    for difference in evidence.differences or ():
        yield f"verify: {difference}"


def _of(told: list[Told]) -> str:
    counts = Counter(each.errand.action for each in told)
    return ", ".join(f"{count} x {action}" for action, count in sorted(counts.items()))
