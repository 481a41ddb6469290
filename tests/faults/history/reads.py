"""What was read besides the event: reservations, lists and the ledger, each true at a moment."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

from tests.faults.history.ledger import differences, reservation_document, seen_by
from tests.faults.history.order import Bounds
from tests.faults.history.record import Document, History, Operation
from tests.faults.history.violations import Violation
from ticketboss.domain.reservations import Reservation

FOR_EVER = 2**62
NOT_FOUND = "reservation_not_found"


class Reads:
    """Holds answers to reads against all states that each reservation has had."""

    def __init__(
        self, history: History, lives: Mapping[str, Sequence[Reservation]], bounds: Bounds
    ) -> None:
        self._history = history
        self._lives = lives
        self._bounds = bounds
        self._created: defaultdict[str | None, list[int]] = defaultdict(list)
        self._ids: defaultdict[str | None, list[str]] = defaultdict(list)
        for id_, states in lives.items():
            # In the order of their making, for the operator and for their partner.
            for partner_id in (None, states[0].partner_id):
                self._created[partner_id].append(states[0].created_version)
                self._ids[partner_id].append(id_)

    def violations(self) -> Iterator[Violation]:
        """All reads that were never true between their call and their answer."""
        checks = {
            "read_reservation": self._of_reservation,
            "list": self._of_list,
            "read_ledger": self._of_ledger,
        }
        for operation in self._history.operations:
            check = checks.get(operation.kind)
            # A refused read that nothing explains is told of with the answers.
            is_missed = check == self._of_reservation and operation.code == NOT_FOUND
            if check is None or not (operation.outcome == "ok" or is_missed):
                continue
            wrong = check(operation)
            if wrong:
                told = self._bounds.at_call_of(operation).told
                concerned = (told, operation) if told and "before the call" in wrong else ()
                yield Violation("reads", wrong, concerned or (operation,))

    def _of_reservation(self, operation: Operation) -> str:
        known = self._bounds.at_call_of(operation).version
        states = self._lives.get(operation.reservation_id, ())
        is_own = bool(states) and operation.partner_id in (None, states[0].partner_id)
        if operation.code == NOT_FOUND:
            if is_own and states[0].created_version <= known:
                return "a reservation is not found that was told before the call"
            return ""
        if not is_own:
            return "a reservation of nobody's, or of another partner's, is shown"
        return self._wrong_row(operation.document, operation.reservation_id, known)[0]

    def _wrong_row(self, row: Document, id_: str, known: int) -> tuple[str, int]:
        """What is wrong with a row, and the version up to which it was true."""
        states = self._lives.get(id_, ())
        place = bisect_right(states, row["version"], key=_version) - 1
        if place < 0:
            return f"reservation {id_} never was at version {row['version']}", 0
        until = states[place + 1].version - 1 if place + 1 < len(states) else FOR_EVER
        wrong = differences(reservation_document(self._history.event_id, states[place]), row)
        if not wrong and until < known:
            wrong = f"it was told before the call that this is older than version {until + 1}"
        return wrong, until

    def _of_list(self, operation: Operation) -> str:
        known = self._bounds.at_call_of(operation).version
        query = _query(operation)
        rows = operation.document["reservations"]
        since = known
        until = FOR_EVER
        for row in rows:
            wrong, row_until = self._wrong_row(row, row["reservationId"], known)
            if wrong:
                return wrong
            since = max(since, row["version"])
            until = min(until, row_until)
        if since > until:
            return f"rows up to version {since} stand beside one that ended with {until}"
        after, last = int(query["cursor"]), operation.document["next"]
        up_to = FOR_EVER if last is None else int(last)
        wrong = _wrong_page([row["createdVersion"] for row in rows], after, up_to, query)
        if wrong:
            return wrong
        partner_id = operation.partner_id or query.get("partnerId")
        expected = self._made_in(partner_id, after, up_to, since)
        missing = expected - {row["reservationId"] for row in rows}
        if missing:
            return f"reservation {min(missing)} is missing, though it was told before the call"
        strangers = [row for row in rows if partner_id not in (None, row["partnerId"])]
        return f"it shows another partner's {strangers[0]['reservationId']}" if strangers else ""

    def _made_in(self, partner_id: str | None, after: int, last: int, at: int) -> set[str]:
        created = self._created[partner_id]
        begin, end = bisect_right(created, after), bisect_right(created, min(last, at))
        return set(self._ids[partner_id][begin:end])

    def _of_ledger(self, operation: Operation) -> str:
        known = self._bounds.at_call_of(operation).version
        query = _query(operation)
        after, limit = int(query["after"]), int(query["limit"])
        shown = operation.document["entries"]
        there = self._history.ending.ledger[after + 1 : after + 1 + len(shown)]
        for entry, final in zip(shown, there, strict=False):
            wrong = differences(seen_by(final, operation.partner_id), entry)
            if wrong:
                return f"entry {entry['version']} was shown otherwise: {wrong}"
        if len(shown) > len(there):
            return f"it showed {len(shown)} entries, of which {len(there)} are there"
        if len(shown) > limit:
            return f"it showed {len(shown)} entries, of {limit} that were asked for"
        following = shown[-1]["version"] if shown else after
        if operation.document["next"] != following:
            return f"it leads on to {operation.document['next']}, and it ends with {following}"
        if len(shown) < min(limit, known - after):
            return f"it ends before version {known}, which was told before the call"
        return ""


def _version(reservation: Reservation) -> int:
    return reservation.version


def _query(operation: Operation) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(operation.path).query))


def _wrong_page(created: Sequence[int], after: int, up_to: int, query: Mapping[str, str]) -> str:
    """What is wrong with the rows of a page, which begins behind `after` and leads to `up_to`."""
    if any(later <= earlier for earlier, later in pairwise([after, *created])):
        return (
            "its rows are not those behind its cursor, each once and in the order of their making"
        )
    if created and created[-1] > up_to:
        return f"it leads on to {up_to}, and it ends with {created[-1]}"
    if "limit" in query and len(created) > int(query["limit"]):
        return f"it shows {len(created)} rows, of {query['limit']} that were asked for"
    return ""
