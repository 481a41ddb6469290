"""What the engine and the API expect of a database about keys, partners and the admin log.

Every method may raise StorageUnavailable, which means that nothing was written, and the writing
ones OutcomeUnknown, when that is not certain.
"""

from collections.abc import Collection
from typing import Protocol

from ticketboss.domain.access import AdminLogEntry, ApiKey, Partner, PartnerStanding


class AccessRepository(Protocol):
    """Keys and partners; each change and its line in the admin log are one commit."""

    def live_key(self, key_hash: str) -> ApiKey | None:
        """The key of this SHA-256 (lower-case hexadecimal) unless it was revoked, or None."""
        ...

    def keys(self, after_key_id: str, limit: int) -> list[ApiKey]:
        """Keys in the order of their ids, which is that of their making, revoked ones too."""
        ...

    def add_key(
        self, key: ApiKey, key_hash: str, partner_name: str | None, line: AdminLogEntry
    ) -> bool:
        """Keep a new key, and its partner if there is no such partner yet.

        `partner_name` names the partner; None leaves the name as it is, for a new one its id.
        False if there is a key of this id already: then nothing is written.
        """
        ...

    def revoke_key(self, key_id: str, line: AdminLogEntry) -> ApiKey | None:
        """Revoke a key at `line.at`; gives it as it was before, or None if there is none.

        A key that was revoked before stays as it is, and no line is written.
        """
        ...

    def partner(self, partner_id: str) -> PartnerStanding | None:
        """One partner, or None."""
        ...

    def partners(self, after_partner_id: str, limit: int) -> list[PartnerStanding]:
        """Partners in the order of their ids."""
        ...

    def frozen(self, partner_ids: Collection[str]) -> frozenset[str]:
        """Those of these partners that are frozen."""
        ...

    def set_frozen(self, partner: Partner, line: AdminLogEntry) -> None:
        """Set both flags as `partner` has them; a partner that is not known becomes known."""
        ...

    def admin_log(self, before_log_id: str | None, limit: int) -> list[AdminLogEntry]:
        """Lines from the latest on, or from the latest one before `before_log_id` on."""
        ...
