"""The client itself: one method for each thing that a partner does with an event."""

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

from ticketboss.client.answers import as_bulk, as_event, as_nothing, as_page, as_reservation
from ticketboss.client.arguments import checked_api_key, checked_url, segment
from ticketboss.client.books import (
    Compared,
    Differences,
    Row,
    compared,
    differences,
    piece_document,
)
from ticketboss.client.bulk import BulkItem, BulkResult, item_document
from ticketboss.client.connection import Connection
from ticketboss.client.documents import EventSummary, LedgerEntry, Reservation
from ticketboss.client.event_calls import EventCalls
from ticketboss.client.feed import followed, paged
from ticketboss.client.holds import Hold
from ticketboss.client.patience import Patience


class Client:
    """Talks to TicketBoss about one event, for one partner.

    `base_url` is the server's, like https://tickets.example; `api_key` is left out where the
    server asks for none (open mode), and `partner_id` is then needed for new reservations.

    Connection errors, time-outs, 429 and answers with 5xx that pass by themselves are tried
    again: at most `attempts_max` tries (None: no limit) within `deadline_seconds`, with a pause
    as `Retry-After` asks and of a random length that grows from `backoff_seconds` to
    `backoff_seconds_max`. Writes carry an idempotency key, made before the first try unless it
    is given, so that they have one effect however often they are sent. `timeout_seconds` is the
    longest silence of the server, `connect_timeout_seconds` that of the network. However slowly
    the server answers, and whatever, reading ends with the deadline, and at 8 MiB; connecting to
    each address of the host and sending may take `connect_timeout_seconds` more. The look-up of
    the host's name has the system's time-outs; under gevent the beginning of TLS has only that
    of a silence.

    Everything raises TicketBossError, or the subclass of it that is named after the code, see
    `ticketboss.client.errors`; OutcomeUnknown where no try was answered.

    Threads may share a client: each gets a `requests.Session` of its own. Processes may not:
    make it after a fork. Close it, or use it as a context manager.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        event_id: str,
        partner_id: str | None = None,
        timeout_seconds: float = 10.0,
        connect_timeout_seconds: float = 3.0,
        attempts_max: int | None = 8,
        deadline_seconds: float = 30.0,
        backoff_seconds: float = 0.1,
        backoff_seconds_max: float = 5.0,
    ) -> None:
        self._base_url = checked_url(base_url)
        self._event_id = event_id
        self._partner_id = partner_id
        self._connection = Connection(self._base_url, checked_api_key(api_key))
        patience = Patience(
            timeout_seconds=timeout_seconds,
            connect_timeout_seconds=connect_timeout_seconds,
            attempts_max=attempts_max,
            deadline_seconds=deadline_seconds,
            backoff_seconds=backoff_seconds,
            backoff_seconds_max=backoff_seconds_max,
        )
        self._calls = EventCalls(self._connection, event_id, patience)

    def __repr__(self) -> str:
        return f"Client({self._base_url!r}, event_id={self._event_id!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the server."""
        self._connection.close()

    def simulate(self, *wishes: str) -> None:
        """Have the next tries end so, one each: values of TicketBoss-Simulate (test keys only)."""
        self._connection.simulations.extend(wishes)

    def event(self, *, at: int | None = None) -> EventSummary:
        """The event as it stands, or as it was at a version."""
        return self._calls.read("", as_event, {"at": at})

    def reserve(
        self,
        seats: int,
        *,
        min_seats: int | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Reservation:
        """Reserve seats; with `min_seats`, fewer than `seats` if that is all there is.

        `reference` is the partner's own order number.
        """
        item = BulkItem(seats=seats, min_seats=min_seats, reference=reference)
        return self._claim(item, idempotency_key)

    def hold(
        self,
        seats: int,
        *,
        hold_seconds: int,
        min_seats: int | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Keep seats for a while: confirm the hold, or leave its `with` block to release it."""
        item = BulkItem(
            seats=seats, min_seats=min_seats, hold_seconds=hold_seconds, reference=reference
        )
        return Hold(self, self._claim(item, idempotency_key))

    def confirm(
        self,
        reservation_id: str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Reservation:
        """Make a hold a reservation for good; `if_version` is the version it must still have."""
        path = f"{_path(reservation_id)}/confirm"
        return self._calls.write(
            "POST", path, as_reservation, idempotency_key, if_version=if_version
        )

    def cancel(
        self,
        reservation_id: str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Give the seats back; of a hold that is a release.

        AlreadyCancelled means cancelled by another call: a try whose answer was lost is answered
        with success when it is repeated under its key.
        """
        path = _path(reservation_id)
        self._calls.write("DELETE", path, as_nothing, idempotency_key, if_version=if_version)

    def change(
        self,
        reservation_id: str,
        *,
        seats: int | None = None,
        hold_seconds: int | None = None,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Reservation:
        """Have so many seats from now on, or hold them for so many seconds from now, or both."""
        body = {"seats": seats, "holdSeconds": hold_seconds}
        path = _path(reservation_id)
        return self._calls.write("PATCH", path, as_reservation, idempotency_key, body, if_version)

    def reservation(self, reservation_id: str) -> Reservation:
        """One reservation as it stands, also one that has ended."""
        return self._calls.read(_path(reservation_id), as_reservation)

    def reserve_many(
        self,
        items: Sequence[BulkItem],
        *,
        atomic: bool = False,
        idempotency_key: str | None = None,
    ) -> BulkResult:
        """Reserve and hold up to 100 times at once; `atomic`: all of them or none.

        Raises BulkRefused, whose `outcomes` say why, if nothing at all was reserved; but where
        nothing is on sale what `reserve` raises then, such as SaleNotOpen.
        """
        body = {
            "partnerId": self._partner_id,
            "items": [item_document(item) for item in items],
            "atomic": atomic,
        }
        return self._calls.write("POST", "/reservations/bulk", as_bulk, idempotency_key, body)

    def reservations(
        self, *, status: str | None = None, reference: str | None = None, after: int = 0
    ) -> Iterator[Reservation]:
        """The partner's reservations in the order in which they were made, read page by page.

        `after` is the `created_version` of the last one that is known already.
        """
        query = {"partnerId": self._partner_id, "status": status, "reference": reference}
        return paged(
            lambda cursor: self._calls.read("/reservations", as_page, {**query, "cursor": cursor}),
            str(after),
        )

    def reconcile(self, books: Iterable[Row]) -> Differences:
        """Compare the partner's books with the server's: rows of Believed, or of Reservation.

        Changes nothing. While both go on selling, some differences are only of the moment.
        """

        def ask(piece: Sequence[Row], after: int, up_to: int | None) -> Compared:
            body = {"partnerId": self._partner_id, **piece_document(piece, after, up_to)}
            return self._calls.compare(
                "/reservations/reconcile",
                lambda answer: compared(answer.document, after, up_to),
                body,
            )

        return differences(books, ask)

    def follow_ledger(
        self, after: int = -1, *, wait_seconds: int = 25, outage_seconds_max: float = 300.0
    ) -> Iterator[LedgerEntry]:
        """Every change of the event after a version, each once, in order; it does not end.

        While there is none it waits at the server, `wait_seconds` a time. It comes back after
        errors, and raises OutcomeUnknown when there was no answer for `outage_seconds_max`: go on
        with the version of the last entry. -1 is from the beginning.
        """
        return followed(
            lambda version: self._calls.entries_after(version, wait_seconds, outage_seconds_max),
            after,
        )

    def _claim(self, item: BulkItem, idempotency_key: str | None) -> Reservation:
        body = {"partnerId": self._partner_id, **item_document(item)}
        return self._calls.write("POST", "/reservations", as_reservation, idempotency_key, body)


def _path(reservation_id: str) -> str:
    return f"/reservations/{segment(reservation_id)}"
