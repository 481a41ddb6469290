"""Names and times as JSON has them, and as Python has them."""

import re
from datetime import datetime
from typing import Any

INNER_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
MOMENT_ENDINGS = ("_at", "_from", "_until")


def camel_case(name: str) -> str:
    """`total_seats` as `totalSeats`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def code_of(class_name: str) -> str:
    """`NotEnoughSeats` as `not_enough_seats`."""
    return INNER_CAPITAL.sub("_", class_name).lower()


def in_python(name: str, value: Any) -> Any:
    """A member's value, with a moment as an aware datetime."""
    is_moment = name == "at" or name.endswith(MOMENT_ENDINGS)
    return datetime.fromisoformat(value) if is_moment and value is not None else value
