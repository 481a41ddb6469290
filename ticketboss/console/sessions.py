"""Who is signed in: a cookie that only this server can have written.

It names the key by which its owner signed in, so that the session ends with the key; nothing of it
is kept on the server.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.http import parse_cookie

from ticketboss.api.auth import Authenticator
from ticketboss.api.problems import Problem
from ticketboss.domain.access import Caller

SESSION_IDLE_SECONDS_MAX = 2 * 3_600
SESSION_SECONDS_MAX = 12 * 3_600
# A session is written anew only so often: most answers need no cookie.
SEEN_AGAIN_SECONDS = 60
COOKIE = "ticketboss_console"
# For forms of whoever has no session: at the sign-in, and in open mode.
VISITOR_COOKIE = "ticketboss_visitor"
# Of the request's environment.
SESSION = "ticketboss.session"
NONCE_BYTES = 16
NONCE = re.compile(r"[A-Za-z0-9_-]{22}")
SEALED = re.compile(r"([0-9a-f]{64})\.([A-Za-z0-9_-]{22})\.(\d{1,12})\.(\d{1,12})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in with a key; `started` and `seen` are seconds since 1970.

    `nonce` tells it from others, and its forms from theirs.
    """

    key_hash: str
    nonce: str
    started: int
    seen: int

    @property
    def facts(self) -> str:
        """All of it as one text."""
        return f"{self.key_hash}.{self.nonce}.{self.started}.{self.seen}"


class Sessions:
    """Writes sessions into cookies and reads them again, and makes the tokens of forms."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        """`secret` is the same for all workers; without one this process makes its own."""
        self._secret = (secret or secrets.token_hex()).encode()
        self._clock = clock

    def start(self, key_hash: str) -> Session:
        """A new session of a key."""
        now = int(self._clock())
        return Session(key_hash, new_nonce(), started=now, seen=now)

    def sealed(self, session: Session) -> str:
        """The session as its cookie has it."""
        return f"{session.facts}.{self._mac('session', session.facts)}"

    def opened(self, cookie: str) -> Session | None:
        """The session of a cookie, or None if it is over or was not written here."""
        found = SEALED.fullmatch(cookie)
        if found is None:
            return None
        key_hash, nonce, started, seen, mac = found.groups()
        session = Session(key_hash, nonce, int(started), int(seen))
        if not hmac.compare_digest(mac, self._mac("session", session.facts)):
            return None
        now = int(self._clock())
        is_over = (
            now - session.started >= SESSION_SECONDS_MAX
            or now - session.seen >= SESSION_IDLE_SECONDS_MAX
        )
        return None if is_over else session

    def seen_again(self, session: Session) -> Session | None:
        """The session as of now, or None while that is not worth a cookie."""
        now = int(self._clock())
        return replace(session, seen=now) if now - session.seen >= SEEN_AGAIN_SECONDS else None

    def form_token(self, nonce: str) -> str:
        """What the forms of a session or a visitor have in them, and no others."""
        return self._mac("form", nonce)

    def is_form_token(self, nonce: str, token: str) -> bool:
        """Whether a form is of that session or visitor."""
        return hmac.compare_digest(token.encode(), self.form_token(nonce).encode())

    def _mac(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


class SessionAdmission:
    """Admits browsers in which an operator has signed in, in open mode those of this machine."""

    def __init__(self, sessions: Sessions, authenticator: Authenticator) -> None:
        self.sessions = sessions
        self.authenticator = authenticator

    def caller(self, environ: Mapping[str, Any]) -> Caller:
        """Who sent the request with this WSGI environment.

        Raises Problem for one without a session, or whose key was revoked, and StorageUnavailable.
        """
        if self.authenticator.is_open:
            return self.authenticator.caller(environ)
        session = self.session(environ)
        key = None if session is None else self.authenticator.key_with(session.key_hash)
        if key is None or key.partner_id is not None:
            raise Problem("key_required", "Sign in to the console with an operator's key.")
        return Caller.with_key(key)

    def session(self, environ: Mapping[str, Any]) -> Session | None:
        """The session of a request, whatever became of its key since."""
        return self.sessions.opened(_cookie(environ, COOKIE))

    def nonce(self, environ: Mapping[str, Any]) -> str | None:
        """What the forms of a request's session or visitor are made with."""
        session = self.session(environ)
        if session is not None:
            return session.nonce
        visitor = _cookie(environ, VISITOR_COOKIE)
        return visitor if NONCE.fullmatch(visitor) else None


def new_nonce() -> str:
    """What nobody can guess."""
    return secrets.token_urlsafe(NONCE_BYTES)


def is_behind_tls(environ: Mapping[str, Any]) -> bool:
    """Whether the browser speaks TLS, to us or to a proxy.

    Whoever says so wrongly gets cookies that are not sent back: that harms nobody else.
    """
    # Several proxies may each have added theirs; the first is the browser's.
    forwarded = environ.get("HTTP_X_FORWARDED_PROTO", "").partition(",")[0].strip()
    schemes = environ.get("wsgi.url_scheme"), forwarded.lower()
    return "https" in schemes or "proto=https" in environ.get("HTTP_FORWARDED", "").lower()


def _cookie(environ: Mapping[str, Any], name: str) -> str:
    return parse_cookie(environ.get("HTTP_COOKIE")).get(name) or ""
