"""A partner's view of the application, without a server in between."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.answers import assert_sound
from tests.api.documented import Documented, documented
from ticketboss.api.context import EXTENSION
from ticketboss.api.docs import encoded_document

PARTNER_ID = "abc-corp"
# The partner that the client is for.
OWN: Any = object()


class PartnerClient(FlaskClient):
    """Flask's test client, which looks at every answer that it gets.

    `at` is the URL's beginning: empty for the default event, `/events/ID` for any. `key_id` is
    the API key that it sends, if it does.
    """

    partner_id = PARTNER_ID
    key_id: str | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        asked, headers = response.request, dict(response.headers)
        answer = (asked.method, asked.path, response.status_code, headers, response.data)
        # The operators' pages are for people, and have tests of their own.
        if not asked.path.startswith("/console"):
            assert_sound(*answer)
            self.document.check(*answer)
        return response

    @property
    def document(self) -> Documented:
        """The OpenAPI document of the application."""
        is_open = self.application.extensions[EXTENSION].settings.auth == "open"
        return documented(encoded_document(self.application, is_open))

    def reserve(
        self,
        seats: Any = 1,
        partner_id: Any = OWN,
        at: str = "",
        key: str | None = None,
        if_match: str | None = None,
        **members: Any,
    ) -> TestResponse:
        """POST a reservation; `members` are further members of the body."""
        own_or_other = self.partner_id if partner_id is OWN else partner_id
        body = {"partnerId": own_or_other, "seats": seats, **members}
        return self.post(f"{at}/reservations", json=body, headers=_headers(key, if_match))

    def reserved_id(self, seats: int = 1, at: str = "", partner_id: str = OWN) -> str:
        """The id of a new reservation."""
        response = self.reserve(seats, partner_id, at)
        assert response.status_code == 201, response.text
        reservation_id: str = response.get_json()["reservationId"]
        return reservation_id

    def cancel(
        self,
        reservation_id: str,
        at: str = "",
        key: str | None = None,
        if_match: str | None = None,
    ) -> TestResponse:
        """DELETE a reservation."""
        return self.delete(f"{at}/reservations/{reservation_id}", headers=_headers(key, if_match))

    def hold(self, seats: Any = 1, seconds: Any = 60, **options: Any) -> TestResponse:
        """POST a hold; `options` are those of `reserve`."""
        return self.reserve(seats, holdSeconds=seconds, **options)

    def held_id(self, seats: int = 1, seconds: int = 60, **options: Any) -> str:
        """The id of a new hold."""
        response = self.hold(seats, seconds, **options)
        assert response.status_code == 201, response.text
        reservation_id: str = response.get_json()["reservationId"]
        return reservation_id

    def confirm(
        self,
        reservation_id: str,
        at: str = "",
        key: str | None = None,
        if_match: str | None = None,
    ) -> TestResponse:
        """POST the confirmation of a hold."""
        url = f"{at}/reservations/{reservation_id}/confirm"
        return self.post(url, headers=_headers(key, if_match))

    def change(
        self,
        reservation_id: str,
        at: str = "",
        key: str | None = None,
        if_match: str | None = None,
        **members: Any,
    ) -> TestResponse:
        """PATCH a reservation; `members` are its body."""
        url = f"{at}/reservations/{reservation_id}"
        return self.patch(url, json=members, headers=_headers(key, if_match))

    def reserve_many(
        self,
        *items: dict[str, Any],
        at: str = "",
        key: str | None = None,
        if_match: str | None = None,
        **members: Any,
    ) -> TestResponse:
        """POST a bulk of these items; `members` are further members of the body."""
        body = {"partnerId": self.partner_id, "items": items, **members}
        return self.post(f"{at}/reservations/bulk", json=body, headers=_headers(key, if_match))

    def reservation(self, reservation_id: str, at: str = "") -> dict[str, Any]:
        """A reservation as it stands."""
        response = self.get(f"{at}/reservations/{reservation_id}")
        assert response.status_code == 200, response.text
        document: dict[str, Any] = response.get_json()
        return document

    def post_body(self, body: bytes, content_type: str | None = "application/json") -> TestResponse:
        """POST these very bytes as a reservation."""
        return self.post("/reservations", data=body, content_type=content_type)

    def event(self, url: str = "/") -> dict[str, Any]:
        """The event's summary."""
        response = self.get(url)
        assert response.status_code == 200, response.text
        summary: dict[str, Any] = response.get_json()
        return summary


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer that must be this problem."""
    assert response.status_code == status, response.text
    document: dict[str, Any] = response.get_json()
    assert document["code"] == code, response.text
    return document


def invalid_fields(response: TestResponse) -> list[str]:
    """The fields that an `invalid_request` names."""
    document = problem(response, 400, "invalid_request")
    return sorted(error["field"] for error in document["errors"])


def outcomes_of(document: dict[str, Any]) -> list[Any]:
    """What became of each item: its seats, or the code of its refusal."""
    return [each.get("code") or each["seats"] for each in document["outcomes"]]


def _headers(key: str | None, if_match: str | None) -> dict[str, str]:
    given = {"Idempotency-Key": key, "If-Match": if_match}
    return {name: value for name, value in given.items() if value is not None}
