"""What the tests of operators' requests share."""

from typing import Any

from werkzeug.test import TestResponse

from tests.api.partner import PartnerClient

CONCERT = "/events/concert"


def post_event(
    client: PartnerClient, key: str | None = None, event_id: str = "concert", **members: Any
) -> TestResponse:
    """POST an event of ten seats; `members` are further members of the body."""
    body = {"eventId": event_id, "name": "Concert", "totalSeats": 10, **members}
    return client.post("/events", json=body, headers=conditions(key))


def patch_event(
    client: PartnerClient, key: str | None = None, if_match: str | None = None, **members: Any
) -> TestResponse:
    """PATCH the event of `post_event`; `members` are the body."""
    return client.patch(CONCERT, json=members, headers=conditions(key, if_match))


def conditions(key: str | None = None, if_match: str | None = None) -> dict[str, str]:
    """The headers that make a request repeatable or conditional, where they are given."""
    given = {"Idempotency-Key": key, "If-Match": if_match}
    return {name: value for name, value in given.items() if value is not None}
