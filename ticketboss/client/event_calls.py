"""Calls about one event, with what all of them have in common."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from uuid import uuid4

from ticketboss.client.answers import Answer
from ticketboss.client.arguments import checked_idempotency_key, segment
from ticketboss.client.connection import Call, Connection
from ticketboss.client.documents import LedgerEntry, entries_after
from ticketboss.client.patience import Patience

Told = TypeVar("Told")
Read = Callable[[Answer], Told]


class EventCalls:
    """Reads and writes below /events/{eventId}; paths are relative to that."""

    def __init__(self, connection: Connection, event_id: str, patience: Patience) -> None:
        self._connection = connection
        self._path = f"/events/{segment(event_id)}"
        self._patience = patience

    def read(self, path: str, read: Read[Told], query: Mapping[str, Any] | None = None) -> Told:
        """GET; members of the query that are None are left out."""
        call = Call(method="GET", path=self._path + path, read=read, query=_given(query or {}))
        return self._connection.ask(call, self._patience)

    def compare(self, path: str, read: Read[Told], body: Mapping[str, Any]) -> Told:
        """POST that changes nothing, and so needs no key; members that are None are left out."""
        call = Call(method="POST", path=self._path + path, read=read, body=_given(body))
        return self._connection.ask(call, self._patience)

    def write(
        self,
        method: str,
        path: str,
        read: Read[Told],
        idempotency_key: str | None,
        body: Mapping[str, Any] | None = None,
        if_version: int | None = None,
    ) -> Told:
        """Any other method, under the key or a new one; body members that are None are left out."""
        # Before the first try, so that all tries are the same request.
        key = str(uuid4()) if idempotency_key is None else idempotency_key
        call = Call(
            method=method,
            path=self._path + path,
            read=read,
            body=None if body is None else _given(body),
            idempotency_key=checked_idempotency_key(key),
            if_version=if_version,
        )
        return self._connection.ask(call, self._patience)

    def entries_after(
        self, version: int, wait_seconds: int, outage_seconds_max: float
    ) -> list[LedgerEntry]:
        """The next entries of the ledger; none if there were none in `wait_seconds`."""
        call = Call(
            method="GET",
            path=f"{self._path}/ledger",
            read=lambda answer: entries_after(version, answer.document),
            query=_given({"after": version if version >= 0 else None, "wait": wait_seconds}),
            wait_seconds=wait_seconds,
        )
        patience = replace(
            self._patience, attempts_max=None, deadline_seconds=wait_seconds + outage_seconds_max
        )
        return self._connection.ask(call, patience)


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
