"""The one decoder for what clients send, and the one encoder for what they get."""

import json
import math
from typing import Any, NoReturn

from ticketboss.repository.interface import OutcomeUnknown

DEPTH_MAX = 16
DIGITS_MAX = 300


class InvalidJson(ValueError):
    """The body is not the JSON object that we accept; the message says why."""


def decode(body: bytes) -> dict[str, Any]:
    """Decode a JSON object (RFC 8259), refusing all that readers of JSON disagree about.

    Raises InvalidJson for: not UTF-8, a byte order mark, duplicate keys, NaN and Infinity,
    integers of more than DIGITS_MAX digits, fractions beyond a double, half surrogate pairs,
    nesting deeper than DEPTH_MAX, not an object.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidJson("The body is not valid UTF-8.") from None
    if text.startswith("\ufeff"):
        raise InvalidJson("The body begins with a byte order mark; leave it out.")
    _check_depth(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidJson(
            f"The body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    if not isinstance(value, dict):
        raise InvalidJson("The body is not a JSON object.")
    if "\\u" in text:
        _check_surrogates(value)
    return value


def encode(value: dict[str, Any]) -> bytes:
    """Encode an answer as UTF-8 JSON without white space, keys in the order given.

    Raises OutcomeUnknown for bytes: only a damaged file has them, and what is answered may be done.
    """
    return _ENCODER.encode(value).encode()


def _check_depth(text: str) -> None:
    # The C scanner recurses: deep nesting is refused before it, not by its RecursionError.
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return
    depth, in_string, escaped = 0, False, False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = not escaped and character == "\\"
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise InvalidJson(f"The body is nested more than {DEPTH_MAX} levels deep.")
        elif character in "]}":
            depth -= 1


def _check_surrogates(value: dict[str, Any]) -> None:
    try:
        encode(value)
    except UnicodeEncodeError:
        raise InvalidJson("A string in the body has half of a surrogate pair.") from None


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise InvalidJson("The body has a key more than once in the same object.")
    return unique


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidJson(f"The body has the number {name}, which JSON does not have.")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise InvalidJson("The body has a number that is too large.")
    return number


def _integer(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise InvalidJson("The body has a number with too many digits.")
    return int(digits)


def _refuse_bytes(value: object) -> NoReturn:
    if isinstance(value, bytes):
        raise OutcomeUnknown("the database is damaged: what should be text is none")
    raise TypeError(f"{type(value).__name__} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_constant=_refuse_constant,
    parse_float=_finite,
    parse_int=_integer,
)
_ENCODER = json.JSONEncoder(
    separators=(",", ":"), ensure_ascii=False, check_circular=False, default=_refuse_bytes
)
