"""What callers give, checked before it becomes part of a request.

No message repeats a value: messages end in logs.
"""

import ipaddress
import re
from urllib.parse import quote, urlsplit

import requests

VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
PLAIN_URL = re.compile(r"https?://[^\s?#]+", re.IGNORECASE)
IDEMPOTENCY_KEY_LENGTH_MAX = 255


def checked_api_key(api_key: str | None) -> str | None:
    """The key as it was given. Raises ValueError if it cannot stand in a header."""
    if api_key is not None and not VISIBLE_ASCII.fullmatch(api_key):
        raise ValueError("api_key must be visible ASCII characters, without white space.")
    return api_key


def checked_url(base_url: str) -> str:
    """The server's URL without a slash at its end. Raises ValueError if it is none."""
    if not PLAIN_URL.fullmatch(base_url) or not base_url.isprintable():
        raise ValueError(
            "base_url must begin with http:// or https:// and have no query, fragment or space."
        )
    try:
        parts = urlsplit(base_url)
        is_complete = bool(parts.hostname) and parts.port != 0
        # As a call will need them: a host with no empty label, and none that is too long.
        requests.Request("GET", base_url).prepare()
        (parts.hostname or "").encode("idna")
    except ValueError:
        is_complete = False
    if not is_complete or parts.username is not None:
        raise ValueError("base_url must have a valid host and port, and no credentials.")
    return base_url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine for certain, without asking anybody for its name."""
    host = urlsplit(url).hostname or ""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_idempotency_key(key: str) -> str:
    """The key as it was given. Raises ValueError if the server would not take it."""
    if not VISIBLE_ASCII.fullmatch(key) or len(key) > IDEMPOTENCY_KEY_LENGTH_MAX:
        raise ValueError(
            f"idempotency_key must be 1 to {IDEMPOTENCY_KEY_LENGTH_MAX} visible ASCII characters."
        )
    return key


def segment(id_: str) -> str:
    """An id as one segment of a URL. Raises ValueError for one that would name another URL."""
    if not id_.strip("."):
        raise ValueError("An id must not be empty, and not of dots alone.")
    return quote(id_, safe=":")
