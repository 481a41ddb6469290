"""What operators decide about keys and partners; each decision leaves a line in the admin log."""

from dataclasses import dataclass
from typing import Any

from ticketboss.domain.access import AdminLogEntry, ApiKey, Holds, Partner, PartnerStanding
from ticketboss.engine.ids import new_id
from ticketboss.engine.keys import new_key
from ticketboss.repository.interface import Repository


class KeyIssued(Exception):
    """The key of this id was issued before; its secret was told then."""


class UnknownKey(Exception):
    """There is no key of this id."""


class UnknownPartner(Exception):
    """There is no partner of this id."""


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which is told once and kept nowhere."""

    key: ApiKey
    secret: str


class Administration:
    """Issues and revokes keys, freezes and unfreezes partners."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._access = repository.access

    def issue_key(
        self,
        actor: str,
        partner_id: str | None,
        is_test: bool,
        partner_name: str | None = None,
        key_id: str | None = None,
    ) -> IssuedKey:
        """Make a key: for a partner, which becomes known by that, or with None for an operator.

        `actor` is who decides it, as the admin log names them. With a `key_id` from `new_id` it is
        made once: raises KeyIssued when it was.
        """
        made = new_key(is_test)
        now = self._repository.now()
        key = ApiKey(key_id or new_id(), made.prefix, partner_id, is_test, created_at=now)
        line = self._line(
            actor,
            "key_created",
            keyId=key.key_id,
            scope=key.scope,
            partnerId=partner_id,
            isTest=is_test,
            **({} if partner_name is None else {"partnerName": partner_name}),
        )
        if not self._access.add_key(key, made.key_hash, partner_name, line):
            raise KeyIssued
        return IssuedKey(key, made.secret)

    def revoke_key(self, actor: str, key_id: str) -> ApiKey:
        """Revoke a key; gives it as it was before. Once more changes nothing.

        Raises UnknownKey.
        """
        key = self._access.revoke_key(key_id, self._line(actor, "key_revoked", keyId=key_id))
        if key is None:
            raise UnknownKey
        return key

    def freeze(self, actor: str, partner_id: str, holds: Holds) -> PartnerStanding:
        """Have a partner change nothing from now on; `holds` says what becomes of its holds.

        A partner that was not known becomes known: in open mode none has a key. Released holds
        are ended in bounded batches by the sweepers.
        """
        return self._set_frozen(
            Partner(partner_id, partner_id, frozen=True, release_holds=holds == "release"),
            self._line(actor, "partner_frozen", partnerId=partner_id, holds=holds),
        )

    def unfreeze(self, actor: str, partner_id: str) -> PartnerStanding:
        """Let a partner go on. Raises UnknownPartner."""
        if self._access.partner(partner_id) is None:
            raise UnknownPartner
        return self._set_frozen(
            Partner(partner_id, partner_id),
            self._line(actor, "partner_unfrozen", partnerId=partner_id),
        )

    def _set_frozen(self, partner: Partner, line: AdminLogEntry) -> PartnerStanding:
        self._access.set_frozen(partner, line)
        standing = self._access.partner(partner.partner_id)
        if standing is None:
            raise UnknownPartner
        return standing

    def _line(self, actor: str, action: str, **detail: Any) -> AdminLogEntry:
        return AdminLogEntry(new_id(), self._repository.now(), actor, action, detail)
