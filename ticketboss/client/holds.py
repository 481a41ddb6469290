"""A hold, for as long as its owner makes up their mind."""

from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from ticketboss.client.documents import Reservation
from ticketboss.client.errors import AlreadyCancelled, HoldExpired, PreconditionFailed
from ticketboss.client.problems import OutcomeUnknown, TicketBossError

if TYPE_CHECKING:
    from ticketboss.client.client import Client


class Hold:
    """Seats that are kept for a while; as a context manager it is released unless confirmed.

    `reservation` is the hold as it was last seen.
    """

    def __init__(self, client: "Client", reservation: Reservation) -> None:
        self.reservation = reservation
        self._client = client
        self._confirm_key = str(uuid4())
        self._is_settled = False
        self._is_released = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Release it, unless it was released, confirmed or perhaps confirmed.

        A failure to release, of whatever kind, is a note of the caller's exception, if there is
        one; the seats come back at the end of the hold.
        """
        if self._is_settled:
            return
        try:
            self._release_what_is_held()
        except (AlreadyCancelled, HoldExpired):
            return
        except Exception as failure:
            if error is None:
                raise
            error.add_note(f"Hold {self.reservation_id} was not released: {failure}")

    @property
    def reservation_id(self) -> str:
        """The id that the reservation keeps when it is confirmed."""
        return self.reservation.reservation_id

    def confirm(self) -> Reservation:
        """Make it a reservation for good.

        After OutcomeUnknown it may be confirmed: it is then not released at the end of the
        block, and calling this again settles the question.
        """
        self._is_settled = True
        try:
            self.reservation = self._client.confirm(
                self.reservation_id, idempotency_key=self._confirm_key
            )
        except OutcomeUnknown:
            raise
        except TicketBossError:
            self._is_settled = False
            raise
        return self.reservation

    def extend(self, hold_seconds: int) -> Reservation:
        """Hold it for so many seconds from now."""
        self.reservation = self._client.change(self.reservation_id, hold_seconds=hold_seconds)
        return self.reservation

    def release(self) -> None:
        """Give the seats back.

        Does nothing if this object has given them back already. Raises PreconditionFailed if it
        was changed by other means than this object, for it may be confirmed.
        """
        if self._is_released:
            return
        self._client.cancel(self.reservation_id, if_version=self.reservation.version)
        self._is_released = self._is_settled = True

    def _release_what_is_held(self) -> None:
        try:
            self.release()
        except PreconditionFailed:
            self.reservation = self._client.reservation(self.reservation_id)
            if self.reservation.status == "held":
                self.release()
