"""How much is looked at, and told, of a body that is wrong in many places."""

from typing import Any, NoReturn

import pytest
from flask import Flask
from marshmallow import Schema, ValidationError, fields

from tests.api.partner import PARTNER_ID, PartnerClient, problem
from ticketboss.api.bodies import FIELD_ERRORS_MAX, LARGE_BODY_BYTES_MAX
from ticketboss.api.fields import BoundedList
from ticketboss.api.schemas import BULK_ITEMS_MAX, RECONCILED_IDS_MAX

ALL_TOLD = "See errors for each field."
MORE = "See errors for 100 of the fields; there are more."
LISTS = [
    ("bulk", "items", 1, BULK_ITEMS_MAX),
    ("reconcile", "reservations", None, RECONCILED_IDS_MAX),
]
# One error would do for a client; this is much less than one for each item.
ANSWER_BYTES_MAX = 1_000


class Untouched(fields.Field[Any]):
    """Nobody may look at what is in it."""

    def _deserialize(self, *_: Any, **__: Any) -> NoReturn:
        raise AssertionError("an item of a list that is too long was looked at")


class Bounded(Schema):
    """A list of two or three."""

    items = BoundedList(Untouched(), min_=2, max_=3)


@pytest.mark.parametrize("count", [0, 1, 4, 100_000])
def test_items_of_a_list_of_a_wrong_length_are_not_looked_at(count: int) -> None:
    with pytest.raises(ValidationError) as wrong:
        Bounded().load({"items": [{}] * count})

    assert wrong.value.messages == {"items": ["Length must be between 2 and 3."]}


@pytest.mark.parametrize("count", [2, 3])
def test_items_of_a_list_of_the_right_length_are(count: int) -> None:
    with pytest.raises(AssertionError):
        Bounded().load({"items": [{}] * count})


@pytest.mark.parametrize(("path", "name", "_", "items_max"), LISTS)
@pytest.mark.parametrize("fills_the_body", [True, False])
def test_list_that_is_too_long_is_one_error(
    client: PartnerClient, path: str, name: str, _: int, items_max: int, fills_the_body: bool
) -> None:
    count = (LARGE_BODY_BYTES_MAX - 100) // 3 if fills_the_body else items_max + 1
    body = f'{{"partnerId":"{PARTNER_ID}","{name}":[{",".join(["{}"] * count)}]}}'

    response = client.post(f"/reservations/{path}", data=body, content_type="application/json")

    document = problem(response, 400, "invalid_request")
    assert [error["field"] for error in document["errors"]] == [name]
    assert document["detail"] == ALL_TOLD
    assert len(response.data) < ANSWER_BYTES_MAX


@pytest.mark.parametrize(
    ("wrong", "told", "detail"), [(99, 99, ALL_TOLD), (100, 100, ALL_TOLD), (101, 100, MORE)]
)
def test_so_many_errors_are_told_and_that_there_are_more(
    client: PartnerClient, wrong: int, told: int, detail: str
) -> None:
    assert FIELD_ERRORS_MAX == 100
    body = {f"member{number}": 1 for number in range(wrong)} | {"partnerId": "abc", "seats": 1}

    document = problem(client.post("/reservations", json=body), 400, "invalid_request")

    named = {error["field"] for error in document["errors"]}
    assert len(named) == len(document["errors"]) == told
    assert named <= set(body)
    assert document["detail"] == detail


def test_errors_of_the_most_items_are_told_in_part(client: PartnerClient) -> None:
    books: list[dict[str, Any]] = [{}] * RECONCILED_IDS_MAX

    response = client.post("/reservations/reconcile", json={"reservations": books})

    document = problem(response, 400, "invalid_request")
    assert len(document["errors"]) == FIELD_ERRORS_MAX
    assert document["errors"][0]["field"].startswith("reservations.0.")
    assert document["detail"] == MORE


@pytest.mark.parametrize(("path", "name", "items_min", "items_max"), LISTS)
def test_document_has_the_bounds_of_the_lists(
    app: Flask, client: PartnerClient, path: str, name: str, items_min: int | None, items_max: int
) -> None:
    document = client.get("/openapi.json").get_json()
    body = document["paths"][f"/reservations/{path}"]["post"]["requestBody"]["content"]
    reference = body["application/json"]["schema"]["$ref"].rpartition("/")[2]

    found = document["components"]["schemas"][reference]["properties"][name]

    assert (found["type"], found["maxItems"]) == ("array", items_max)
    assert (found.get("minItems") or None) == items_min
