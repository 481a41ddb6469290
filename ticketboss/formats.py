"""How names and times are written in JSON, over HTTP and on the command line."""

from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def camel_case(name: str) -> str:
    """`total_seats` as `totalSeats`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def camel_keys(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with its own keys (not those of inner documents) in camelCase."""
    return {camel_case(name): value for name, value in document.items()}


def rfc3339(milliseconds: int) -> str:
    """A time in milliseconds since 1970 as RFC 3339 in UTC, with milliseconds."""
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"
