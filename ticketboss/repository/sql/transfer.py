"""All rows of a database, read and written page by page within one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ticketboss.repository.sql.connection import Clock, Connection
from ticketboss.repository.sql.dialect import Dialect
from ticketboss.repository.sql.repository import SqlRepository
from ticketboss.repository.transfer import Row, Table

PAGE_ROWS = 5_000

# In this order rows can be written, and in this order writers take their locks.
TABLES = (
    Table(
        "events",
        ("event_id",),
        (
            *("name", "total_seats", "available_seats", "held_seats", "reservation_count"),
            *("version", "seats_per_reservation_max", "is_test", "seats_per_partner_max"),
            *("open_holds_per_partner_max", "hold_seconds_total_max", "on_sale_from"),
            *("on_sale_until", "paused", "cancelled"),
        ),
    ),
    Table(
        "reservations",
        ("event_id", "reservation_id"),
        (
            *("partner_id", "reference", "seats", "status", "created_at", "created_version"),
            *("version", "expires_at"),
        ),
    ),
    Table(
        "ledger",
        ("event_id", "version"),
        (
            *("kind", "actor", "reservation_id", "partner_id", "seats", "total_seats"),
            *("available_seats", "held_seats", "reservation_count", "at", "idempotency_key"),
            *("request_hash", "detail", "commit_id"),
        ),
    ),
    Table("partner_seats", ("event_id", "partner_id"), ("seats_taken", "open_holds")),
    Table("partners", ("partner_id",), ("name", "frozen", "release_holds")),
    Table(
        "api_keys",
        ("key_id",),
        (
            *("key_hash", "prefix", "partner_id", "scope", "is_test", "created_at"),
            "revoked_at",
        ),
    ),
    Table("admin_log", ("log_id",), ("at", "actor", "action", "detail")),
)


def filled_tables(connection: Connection, count_tables: str) -> list[str]:
    """Those of TABLES that exist and have rows; `count_tables` counts the tables of a `:name`."""
    return [
        table.name
        for table in TABLES
        if connection.execute(count_tables, {"name": table.name}).fetchall()[0][0]
        and connection.execute(f"SELECT 1 FROM {table.name} LIMIT 1").fetchall()
    ]


class SqlTransfer:
    """A Transfer (see `ticketboss.repository.transfer`) over a connection in a transaction."""

    tables = TABLES

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        clock: Callable[[Connection], Clock],
    ) -> None:
        self._connection = connection
        self.history = SqlRepository(_OneConnection(connection), dialect, clock)

    def count(self, table: Table) -> int:
        rows = self._connection.execute(f"SELECT count(*) FROM {table.name}").fetchall()
        count: int = rows[0][0]
        return count

    def pages(self, table: Table) -> Iterator[list[Row]]:
        key = ", ".join(table.key)
        after = ", ".join(f":{name}" for name in table.key)
        first = f"SELECT {', '.join(table.columns)} FROM {table.name}"
        order = f"ORDER BY {key} LIMIT {PAGE_ROWS}"
        page = self._connection.execute(f"{first} {order}").fetchall()
        while page:
            yield page
            last = dict(zip(table.key, page[-1], strict=False))
            statement = f"{first} WHERE ({key}) > ({after}) {order}"
            page = self._connection.execute(statement, last).fetchall()

    def load(self, table: Table, rows: Sequence[Row]) -> None:
        names = table.columns
        values = ", ".join("?" for _ in names)
        self._connection.executemany(
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values})", rows
        )


class _OneConnection:
    """Connections that are all the same one, in the transaction that it is in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fetch(
        self,
        statement: str,
        parameters: dict[str, Any],
        deadline: float | None = None,  # noqa: ARG002 - the transaction has none
    ) -> list[Any]:
        return self._connection.execute(statement, parameters).fetchall()

    @contextmanager
    def reading(self, deadline: float | None = None) -> Iterator[Connection]:  # noqa: ARG002
        yield self._connection

    # Whatever is written ends with the transaction, too.
    writing = reading
