"""A request's body: its limits, then strict JSON, then its schema."""

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO, TypeVar

from flask import current_app, request
from marshmallow import Schema, ValidationError

from ticketboss.api.context import admitted_again, services
from ticketboss.api.json import InvalidJson, decode
from ticketboss.api.problems import Problem
from ticketboss.domain.api_keys import without_api_keys
from ticketboss.engine.keys import KEY_CACHE_SECONDS_MAX

BODY_WATCH = "ticketboss.body_watch"
BODY_BYTES_MAX = 16 * 1024
LARGE_BODY_BYTES_MAX = 256 * 1024
FIELD_ERRORS_MAX = 100

View = TypeVar("View", bound=Callable[..., Any])
_LARGE = "ticketboss_takes_large_body"


def takes_large_body(view: View) -> View:
    """Allow a view's requests LARGE_BODY_BYTES_MAX; write it below the view's routes."""
    setattr(view, _LARGE, True)
    return view


def check_length(environ: Mapping[str, Any], view: Callable[..., Any] | None) -> None:
    """Refuse a body that is chunked or too large for a view, also where a body means nothing."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise Problem("length_required")
    bytes_max = LARGE_BODY_BYTES_MAX if hasattr(view, _LARGE) else BODY_BYTES_MAX
    if (request.content_length or 0) > bytes_max:
        raise Problem("body_too_large", bytes_max=bytes_max)


def load(schema: Schema) -> dict[str, Any]:
    """The validated body of the request, with our names for its members.

    Raises Problem for a body that is not JSON or not as `schema` says.
    """
    try:
        document = decode(body_of("application/json"))
    except InvalidJson as error:
        raise Problem("invalid_json", str(error)) from None
    return validated(schema, document)


def validated(schema: Schema, document: dict[str, Any]) -> dict[str, Any]:
    """The document with our names for its members. Raises Problem if it is not as `schema` says."""
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise _invalid(error) from None
    return loaded


def _invalid(error: ValidationError) -> Problem:
    errors = list(islice(_field_errors(error.messages), FIELD_ERRORS_MAX + 1))
    detail = None
    if len(errors) > FIELD_ERRORS_MAX:
        detail = f"See errors for {FIELD_ERRORS_MAX} of the fields; there are more."
    return Problem("invalid_request", detail, errors[:FIELD_ERRORS_MAX])


def body_of(media_type: str) -> bytes:
    """The request's body as it was sent, which has this media type.

    Raises Problem for another one, for a body that does not come in time, and for none.
    """
    length = request.content_length or 0
    if length == 0:
        raise Problem("invalid_json", "The request has no body.")
    if request.mimetype != media_type:
        raise Problem("unsupported_media_type", f"Send the body as {media_type}.")
    started = time.monotonic()
    body = _read(request.environ, length)
    seconds = time.monotonic() - started
    if len(body) == length:
        if seconds >= KEY_CACHE_SECONDS_MAX:
            # The key may have been revoked while the body dripped in.
            admitted_again()
        return body
    if seconds >= services().settings.body_seconds_max:
        raise Problem("body_too_slow")
    # Some servers hand over what came before the connection ended.
    raise Problem("bad_request", "The body is shorter than its Content-Length.")


def _read(environ: Mapping[str, Any], length: int) -> bytes:
    stream: BinaryIO = environ["wsgi.input"]
    client = environ.get("gunicorn.socket")
    if client is None:
        return stream.read(length)
    try:
        with current_app.extensions[BODY_WATCH].reading(client):
            return stream.read(length)
    except OSError:
        # The client went away, or the watch ended its reading: either way there is no more.
        return b""


def _field_errors(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _field_errors(inner, f"{path}.{name}" if path else str(name))
    else:
        # The name of an unknown member is whatever the client has put there.
        yield from ((without_api_keys(path), str(message)) for message in messages)
