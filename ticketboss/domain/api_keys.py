"""What an API key looks like, so that one in the wrong place is neither kept nor shown."""

import re

# The mode and 32 random bytes in 43 characters of base64url (RFC 4648 section 5).
API_KEY_PATTERN = r"tb_(?:live|test)_[A-Za-z0-9_-]{43}"
API_KEY = re.compile(API_KEY_PATTERN)
# All that may be shown of one: its mode and a few characters, by which people tell it from others.
SHOWN_LENGTH = 14
_BEGINNING = "tb_"


def has_api_key(text: str) -> bool:
    """Whether an API key stands anywhere in a text."""
    # Hardly any text has one, and this is on the way of every request.
    return _BEGINNING in text and API_KEY.search(text) is not None


def without_api_keys(text: str) -> str:
    """The text with what may be shown of each API key in it."""
    if _BEGINNING not in text:
        return text
    return API_KEY.sub(lambda found: f"{found[0][:SHOWN_LENGTH]}***", text)
