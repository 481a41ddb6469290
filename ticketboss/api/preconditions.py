"""The headers that make a request conditional or repeatable."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Response, request
from werkzeug.http import parse_etags

from ticketboss.api.finished import FinishedResponse
from ticketboss.api.problems import Problem
from ticketboss.domain.api_keys import has_api_key

IDEMPOTENCY_KEY_LENGTH_MAX = 255
# RFC 9110 section 5.3 lets a server join repeated headers with commas, and ours does: a comma
# outside quotes may be two keys.
BARE_KEY = re.compile(r"[\x21\x23-\x2b\x2d-\x7e][\x21-\x2b\x2d-\x7e]*")
# A string of RFC 8941 section 3.3.3, but without spaces.
QUOTED_KEY = re.compile(r'"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"')
ESCAPED = re.compile(r"\\(.)")
ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
ENTITY_TAGS = re.compile(rf"[ \t]*{ENTITY_TAG}(?:[ \t]*,[ \t]*{ENTITY_TAG})*[ \t]*")
STRONG_VERSION_TAG = re.compile(r'(?<!W/)"(\d{1,18})(?:-[a-z_]+)?"')


def idempotency_key(environ: Mapping[str, Any]) -> str | None:
    """The request's Idempotency-Key without its quotes, or None.

    Bare or as the quoted string of the IETF draft draft-ietf-httpapi-idempotency-key-header.
    Raises Problem when it is not 1 to 255 visible ASCII characters, was sent twice, or has an API
    key in it: it would be kept in the ledger.
    """
    header = environ.get("HTTP_IDEMPOTENCY_KEY")
    if header is None:
        return None
    quoted = QUOTED_KEY.fullmatch(header)
    key = ESCAPED.sub(r"\1", quoted[1]) if quoted else header
    if (quoted or BARE_KEY.fullmatch(header)) and len(key) <= IDEMPOTENCY_KEY_LENGTH_MAX:
        if has_api_key(key):
            raise Problem("invalid_header", "Idempotency-Key must not have an API key in it.")
        return key
    raise Problem(
        "invalid_header",
        f"Idempotency-Key must be sent once and be 1 to {IDEMPOTENCY_KEY_LENGTH_MAX} visible "
        f"ASCII characters; put it in double quotes if it has a comma.",
    )


def expected_versions(environ: Mapping[str, Any]) -> frozenset[int] | None:
    """The versions that If-Match allows, or None when it allows all.

    The sale state behind the number of an event's ETag does not count. Weak tags match nothing
    (RFC 9110 section 13.1.1).
    """
    header = environ.get("HTTP_IF_MATCH")
    if header is None:
        return None
    if header.strip() == "*":
        return None
    if not ENTITY_TAGS.fullmatch(header):
        raise Problem("invalid_header", 'If-Match must be * or ETags in double quotes, like "7".')
    return frozenset(int(number) for number in STRONG_VERSION_TAG.findall(header))


def not_modified(etag: str) -> Response | None:
    """The answer 304 if the client already has this state, else None."""
    header = request.environ.get("HTTP_IF_NONE_MATCH")
    if header is None:
        return None
    tags = parse_etags(header)
    if not tags.contains_weak(etag):
        return None
    return FinishedResponse(b"", 304, [("ETag", f'"{etag}"'), ("Cache-Control", "no-store")])
