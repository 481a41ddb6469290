"""How names and times are written in JSON, over HTTP and on the command line."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_IN_UTC = EPOCH.replace(tzinfo=None)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:[0-5]\d)", re.ASCII)


def camel_case(name: str) -> str:
    """`total_seats` as `totalSeats`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def snake_case(name: str) -> str:
    """`ReserveMany` as `reserve_many`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def camel_keys(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with its own keys (not those of inner documents) in camelCase."""
    return {camel_case(name): value for name, value in document.items()}


def rfc3339(milliseconds: int) -> str:
    """A time in milliseconds since 1970 as RFC 3339 in UTC, with milliseconds."""
    # Without a zone, which isoformat would write; and not strftime, which writes years before 1000
    # with fewer than four digits.
    moment = EPOCH_IN_UTC + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds") + "Z"


def moment(milliseconds: int | None) -> str | None:
    """A time as `rfc3339` writes it, or None where there is none."""
    return None if milliseconds is None else rfc3339(milliseconds)


def parse_rfc3339(text: str) -> int:
    """Milliseconds since 1970 of a time in the format of RFC 3339 section 5.6.

    Raises ValueError for anything else, a time without its offset from UTC among it.
    """
    if not RFC3339.fullmatch(text):
        raise ValueError("must look like 2026-12-01T12:00:00Z, with Z or an offset like +01:00")
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not a time that exists") from None
    return (moment - EPOCH) // timedelta(milliseconds=1)
