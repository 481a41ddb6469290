"""Names in JSON: camelCase there, snake_case here."""

from typing import Any


def camel_case(name: str) -> str:
    """`total_seats` as `totalSeats`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def camel_keys(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with its own keys (not those of inner documents) in camelCase."""
    return {camel_case(name): value for name, value in document.items()}
