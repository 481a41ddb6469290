"""Keys, partners and lines of the admin log, to be stored by a repository."""

import itertools

from ticketboss.domain.access import AdminLogEntry, ApiKey, Partner
from ticketboss.repository.interface import Repository

NOW = 1_700_000_000_000
# In the order of their making, as real ids are.
NUMBERS = itertools.count()


def line(
    action: str = "key_created", *, log_id: str | None = None, **detail: object
) -> AdminLogEntry:
    """A line of the admin log, later than those made before."""
    number = next(NUMBERS)
    return AdminLogEntry(
        log_id or f"log-{number:06d}", NOW + number, "operator:cli", action, detail
    )


def api_key(key_id: str, partner_id: str | None = "abc-corp", *, is_test: bool = False) -> ApiKey:
    """A live key; its hash is `hash_of` its id."""
    mode = "test" if is_test else "live"
    return ApiKey(key_id, f"tb_{mode}_{key_id}"[:14], partner_id, is_test, created_at=NOW)


def hash_of(key_id: str) -> str:
    """As long as a SHA-256, and another one for each key."""
    return key_id.encode().hex().rjust(64, "0")


def add_key(
    repository: Repository,
    key_id: str,
    partner_id: str | None = "abc-corp",
    *,
    is_test: bool = False,
    partner_name: str | None = None,
) -> ApiKey:
    """Store a key with a line of its own."""
    key = api_key(key_id, partner_id, is_test=is_test)
    repository.access.add_key(key, hash_of(key_id), partner_name, line(keyId=key_id))
    return key


def freeze(
    repository: Repository, partner_id: str, *, release_holds: bool = False, frozen: bool = True
) -> None:
    """Store a partner that is frozen, or one that is not."""
    partner = Partner(partner_id, partner_id, frozen, release_holds)
    repository.access.set_frozen(partner, line("partner_frozen", partnerId=partner_id))
