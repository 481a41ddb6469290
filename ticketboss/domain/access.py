"""Who may do what: API keys, partners that can be frozen, and the log of such decisions.

Times are milliseconds since 1970, UTC.
"""

from dataclasses import dataclass
from typing import Any, Literal

from ticketboss.domain.commands import operator_actor, partner_actor

Scope = Literal["partner", "operator"]
Holds = Literal["keep", "release"]

PARTNER_NAME_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret; `prefix` is the part of it that may be shown.

    `partner_id` is None for operators. A test key works on test events only, any other key only
    on the events that are not.
    """

    key_id: str
    prefix: str
    partner_id: str | None
    is_test: bool
    created_at: int
    revoked_at: int | None = None

    @property
    def scope(self) -> Scope:
        """Whether it is for one partner's own reservations or for operating the sale."""
        return "operator" if self.partner_id is None else "partner"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, as far as its commands need to know.

    `actor` is None in open mode, where the partner that a command names is believed.
    `partner_id` is None for whoever may act for all partners, `for_test` for whoever may touch
    both kinds of events.
    """

    actor: str | None = None
    partner_id: str | None = None
    for_test: bool | None = None
    key_id: str | None = None

    @classmethod
    def with_key(cls, key: ApiKey) -> "Caller":
        """The caller that a key stands for; all keys of one partner are the same actor."""
        actor = (
            operator_actor(key.key_id) if key.partner_id is None else partner_actor(key.partner_id)
        )
        return cls(actor, key.partner_id, key.is_test, key.key_id)


@dataclass(frozen=True, slots=True)
class Partner:
    """A client organisation; `release_holds` says that its holds end now that it is frozen."""

    partner_id: str
    name: str
    frozen: bool = False
    release_holds: bool = False

    @property
    def holds(self) -> Holds | None:
        """What the freeze does to its holds; None while it is not frozen."""
        if not self.frozen:
            return None
        return "release" if self.release_holds else "keep"


@dataclass(frozen=True, slots=True)
class PartnerStanding:
    """A partner with what a freeze would concern: its live keys, and its open holds anywhere."""

    partner: Partner
    live_keys: int
    open_holds: int


@dataclass(frozen=True, slots=True)
class AdminLogEntry:
    """One decision about keys or partners: when, who, what, and about what."""

    log_id: str
    at: int
    actor: str
    action: str
    detail: dict[str, Any]
