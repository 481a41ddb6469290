"""Keys, partners and the admin log, in the same database as the events."""

import json
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ticketboss.domain.access import AdminLogEntry, ApiKey, Partner, PartnerStanding
from ticketboss.repository.interface import Conflict, LockTimeout, StorageUnavailable
from ticketboss.repository.sql import access_statements as statements
from ticketboss.repository.sql.connection import Connection, Connections
from ticketboss.repository.sql.dialect import Dialect

WRITE_WAIT_SECONDS_MAX = 5.0


class SqlAccess:
    """An AccessRepository (see `ticketboss.repository.access`)."""

    def __init__(self, connections: Connections, dialect: Dialect) -> None:
        self._connections = connections
        self._dialect = dialect

    def live_key(self, key_hash: str) -> ApiKey | None:
        rows = self._connections.fetch(statements.SELECT_LIVE_KEY, {"key_hash": key_hash})
        return _key(rows[0]) if rows else None

    def keys(self, after_key_id: str, limit: int) -> list[ApiKey]:
        rows = self._connections.fetch(
            statements.SELECT_KEYS, {"after_key_id": after_key_id, "limit": limit}
        )
        return [_key(row) for row in rows]

    def add_key(
        self, key: ApiKey, key_hash: str, partner_name: str | None, line: AdminLogEntry
    ) -> bool:
        row = {name: getattr(key, name) for name in key.__slots__}
        with self._writing() as connection:
            if connection.execute(statements.SELECT_KEY, {"key_id": key.key_id}).fetchall():
                return False
            if key.partner_id is not None:
                partner = {"partner_id": key.partner_id, "name": partner_name}
                connection.execute(statements.UPSERT_PARTNER_NAME, partner)
            connection.execute(
                statements.INSERT_KEY, row | {"key_hash": key_hash, "scope": key.scope}
            )
            _write_line(connection, line)
        return True

    def revoke_key(self, key_id: str, line: AdminLogEntry) -> ApiKey | None:
        with self._writing() as connection:
            rows = connection.execute(statements.SELECT_KEY, {"key_id": key_id}).fetchall()
            if not rows:
                return None
            key = _key(rows[0])
            if key.revoked_at is None:
                connection.execute(statements.REVOKE_KEY, {"key_id": key_id, "at": line.at})
                _write_line(connection, line)
        return key

    def partner(self, partner_id: str) -> PartnerStanding | None:
        rows = self._connections.fetch(statements.SELECT_PARTNER, {"partner_id": partner_id})
        return _standing(rows[0]) if rows else None

    def partners(self, after_partner_id: str, limit: int) -> list[PartnerStanding]:
        rows = self._connections.fetch(
            statements.SELECT_PARTNERS_PAGE,
            {"after_partner_id": after_partner_id, "limit": limit},
        )
        return [_standing(row) for row in rows]

    def frozen(self, partner_ids: Collection[str]) -> frozenset[str]:
        parameters = {"partner_ids": self._dialect.as_list(partner_ids)}
        rows = self._connections.fetch(self._dialect.select_frozen, parameters)
        return frozenset(partner_id for (partner_id,) in rows)

    def set_frozen(self, partner: Partner, line: AdminLogEntry) -> None:
        row = {name: getattr(partner, name) for name in partner.__slots__}
        with self._writing() as connection:
            connection.execute(statements.UPSERT_PARTNER_FLAGS, row)
            _write_line(connection, line)

    def admin_log(self, before_log_id: str | None, limit: int) -> list[AdminLogEntry]:
        rows = self._connections.fetch(
            statements.SELECT_LOG, {"before_log_id": before_log_id, "limit": limit}
        )
        return [_line(row) for row in rows]

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        deadline = time.monotonic() + WRITE_WAIT_SECONDS_MAX
        try:
            with self._connections.writing(deadline) as connection:
                yield connection
        except (LockTimeout, Conflict) as error:
            raise StorageUnavailable("The database stayed locked for writing.") from error


def _write_line(connection: Connection, line: AdminLogEntry) -> None:
    row = {name: getattr(line, name) for name in line.__slots__}
    detail = json.dumps(line.detail, ensure_ascii=False)
    connection.execute(statements.INSERT_LOG, row | {"detail": detail})


def _line(row: Sequence[Any]) -> AdminLogEntry:
    log_id, at, actor, action, detail = row
    return AdminLogEntry(log_id, at, actor, action, json.loads(detail))


def _key(row: Sequence[Any]) -> ApiKey:
    key_id, prefix, partner_id, is_test, created_at, revoked_at = row
    return ApiKey(key_id, prefix, partner_id, bool(is_test), created_at, revoked_at)


def _standing(row: Sequence[Any]) -> PartnerStanding:
    partner_id, name, frozen, release_holds, live_keys, open_holds = row
    partner = Partner(partner_id, name, bool(frozen), bool(release_holds))
    return PartnerStanding(partner, live_keys, open_holds)
