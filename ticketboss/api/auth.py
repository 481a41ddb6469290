"""Who sent a request: by its API key, or in open mode anybody on this machine."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from ticketboss.api.peers import Peers, is_local
from ticketboss.api.problems import Problem
from ticketboss.api.rate_limits import RateLimits
from ticketboss.domain.access import ApiKey, Caller
from ticketboss.engine.keys import KeyRing

# RFC 6750 section 2.1; the scheme's name in any case (RFC 9110 section 11.1).
BEARER = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/-]+=*)")
CHALLENGE = 'Bearer realm="ticketboss"'
ANYBODY = Caller()


class Admission(Protocol):
    """Says who sent a request."""

    def caller(self, environ: Mapping[str, Any]) -> Caller:
        """Who sent the request with this WSGI environment.

        Raises Problem for a request that is not admitted, and StorageUnavailable when that
        cannot be looked up.
        """
        ...


class Authenticator:
    """Admits requests with a live key, or in open mode those from this machine."""

    def __init__(self, is_open: bool, key_ring: KeyRing, limits: RateLimits, peers: Peers) -> None:
        self.is_open = is_open
        self._key_ring = key_ring
        self._limits = limits
        self._peers = peers

    def caller(self, environ: Mapping[str, Any]) -> Caller:
        """Who sent the request with this WSGI environment.

        Raises Problem for a request without a live key, and in open mode for one that is not
        local; StorageUnavailable when the key cannot be looked up.
        """
        if not self.is_open:
            return Caller.with_key(self._live_key(environ))
        if not is_local(environ):
            raise Problem("local_only")
        return ANYBODY

    def count(self, caller: Caller, is_write: bool) -> None:
        """Count a request of a key. Raises Problem when the key has sent too many."""
        if caller.key_id is None:
            return
        seconds = self._limits.wait_seconds(caller.key_id, is_write)
        if seconds:
            raise Problem("rate_limited", headers={"Retry-After": str(seconds)})

    def _live_key(self, environ: Mapping[str, Any]) -> ApiKey:
        header = environ.get("HTTP_AUTHORIZATION")
        if header is None:
            raise Problem("key_required", headers={"WWW-Authenticate": CHALLENGE})
        sent = BEARER.fullmatch(header)
        return self.key_of(sent[1] if sent else "", environ)

    def key_of(self, secret: str, environ: Mapping[str, Any]) -> ApiKey:
        """The live key with this secret. Raises Problem if there is none, and counts that."""
        key = self._key_ring.find(secret)
        if key is None:
            raise self._wrong_key(environ)
        return key

    def key_with(self, key_hash: str) -> ApiKey | None:
        """The live key with this SHA-256, or None."""
        return self._key_ring.find_hashed(key_hash)

    def _wrong_key(self, environ: Mapping[str, Any]) -> Problem:
        """The answer to a wrong key. A good one passes whatever others at its address have sent:

        behind one proxy or firewall there may be many partners, and none may shut out another.
        """
        address = self._peers.client(environ)
        seconds = self._limits.failures_wait_seconds(address)
        if seconds:
            return Problem("too_many_wrong_keys", headers={"Retry-After": str(seconds)})
        self._limits.count_failure(address)
        challenge = f'{CHALLENGE}, error="invalid_token"'
        return Problem("key_invalid", headers={"WWW-Authenticate": challenge})
