"""Reading a request's body: limits first, then strict JSON, then its schema."""

from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from ticketboss.api.json import InvalidJson, decode
from ticketboss.api.problems import Problem

BODY_BYTES_MAX = 16 * 1024


def load(schema: Schema, bytes_max: int = BODY_BYTES_MAX) -> dict[str, Any]:
    """The validated body of the request, with our names for its members.

    Raises Problem for a body that is chunked, too large, not JSON or not as `schema` says.
    """
    try:
        document = decode(_body(bytes_max))
    except InvalidJson as error:
        raise Problem("invalid_json", str(error)) from None
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise Problem("invalid_request", errors=_field_errors(error.messages)) from None
    return loaded


def _body(bytes_max: int) -> bytes:
    if "HTTP_TRANSFER_ENCODING" in request.environ:
        raise Problem("length_required")
    length = request.content_length or 0
    if length > bytes_max:
        raise Problem("body_too_large", bytes_max=bytes_max)
    if length == 0:
        raise Problem("invalid_json", "The request has no body.")
    if request.mimetype != "application/json":
        raise Problem("unsupported_media_type")
    body: bytes = request.get_data(cache=False)
    return body


def _field_errors(messages: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, dict):
        return [
            error
            for name, inner in messages.items()
            for error in _field_errors(inner, f"{path}.{name}" if path else str(name))
        ]
    return [(path, str(message)) for message in messages]
