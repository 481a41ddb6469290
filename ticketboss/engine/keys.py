"""API keys: how they are made, and how a request's key is looked up."""

import hashlib
import secrets
import time
from dataclasses import dataclass

from ticketboss.domain.access import ApiKey
from ticketboss.domain.api_keys import API_KEY, SHOWN_LENGTH
from ticketboss.repository.access import AccessRepository

KEY_BYTES = 32
# Half of the second in which a revocation must work everywhere: the rest is for requests that
# are under way.
KEY_CACHE_SECONDS_MAX = 0.5
KEYS_CACHED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key's secret, which nobody can get again, with what is kept of it."""

    secret: str
    key_hash: str
    prefix: str


def new_key(is_test: bool) -> NewKey:
    """A key that nobody else can have."""
    secret = f"tb_{'test' if is_test else 'live'}_{secrets.token_urlsafe(KEY_BYTES)}"
    return NewKey(secret, hashed(secret), secret[:SHOWN_LENGTH])


class KeyRing:
    """The live keys as this process knows them, at most KEY_CACHE_SECONDS_MAX old."""

    def __init__(self, access: AccessRepository) -> None:
        self._access = access
        self._found: dict[str, tuple[float, ApiKey]] = {}

    def find(self, secret: str) -> ApiKey | None:
        """The key, or None unless it is alive. Raises StorageUnavailable.

        No stretching (bcrypt and the like): 32 random bytes cannot be guessed, and this is on
        the way of every request.
        """
        return self.find_hashed(hashed(secret)) if API_KEY.fullmatch(secret) else None

    def find_hashed(self, key_hash: str) -> ApiKey | None:
        """The key with this SHA-256, or None unless it is alive. Raises StorageUnavailable."""
        now = time.monotonic()
        found_at, key = self._found.get(key_hash, (0.0, None))
        if key is not None and now - found_at < KEY_CACHE_SECONDS_MAX:
            return key
        found = self._access.live_key(key_hash)
        if found is None:
            self._found.pop(key_hash, None)
            return None
        if key is None and len(self._found) >= KEYS_CACHED_MAX:
            self._found.clear()
        # As of before the look-up: a revocation in between must not gain time.
        self._found[key_hash] = (now, found)
        return found


def hashed(secret: str) -> str:
    """What is kept of a key: its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
