"""The bytes of a body: which JSON is taken, how long it may be, and how it must be labelled."""

import pytest

from tests.api.partner import PartnerClient, problem

BODY = b'{"partnerId":"abc-corp","seats":1}'
BODY_BYTES_MAX = 16_384


def with_reference(literal: bytes) -> bytes:
    """A valid body but for its reference, which is this JSON."""
    return BODY[:-1] + b',"reference":' + literal + b"}"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no body"),
        (b" \r\n\t", "not valid JSON"),
        (b"null", "not a JSON object"),
        (b"true", "not a JSON object"),
        (b"5", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"[" + BODY + b"]", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (BODY[:-1], "not valid JSON"),
        (BODY + b"}", "not valid JSON"),
        (BODY + BODY, "not valid JSON"),
        (BODY.replace(b'"', b"'"), "not valid JSON"),
        (BODY.replace(b"}", b",}"), "not valid JSON"),
        (BODY + b"// why", "not valid JSON"),
        (b"partnerId=abc-corp&seats=1", "not valid JSON"),
        (BODY.replace(b"1", b"01"), "not valid JSON"),
        (BODY.replace(b"1", b"+1"), "not valid JSON"),
        (BODY.replace(b"1", b"0x1"), "not valid JSON"),
        (BODY.replace(b"1", b"1_0"), "not valid JSON"),
        (with_reference(b'"line\nbreak"'), "not valid JSON"),
        (with_reference(b'"\\x41"'), "not valid JSON"),
        (BODY.replace(b"1", b"NaN"), "NaN"),
        (BODY.replace(b"1", b"Infinity"), "Infinity"),
        (BODY.replace(b"1", b"-Infinity"), "-Infinity"),
        (BODY.replace(b"1", b"1e999"), "too large"),
        (BODY.replace(b"1", b"-1e999"), "too large"),
        (BODY.replace(b"1", b"9" * 5000), "too many digits"),
        (BODY[:-1] + b',"seats":2}', "more than once"),
        (BODY[:-1] + b',"se\\u0061ts":1}', "more than once"),
        (with_reference(b'{"a":1,"a":1}'), "more than once"),
        (b"\xef\xbb\xbf" + BODY, "byte order mark"),
        (BODY.decode().encode("utf-16"), "UTF-8"),
        (BODY.decode().encode("utf-16-le"), "not valid JSON"),
        (BODY.decode().encode("utf-32"), "UTF-8"),
        (with_reference(b'"\xff"'), "UTF-8"),
        (with_reference(b'"\xc0\xaf"'), "UTF-8"),
        (with_reference(b'"\xed\xa0\x80"'), "UTF-8"),
        (with_reference(b'"\xe9"'), "UTF-8"),
        (with_reference(b'"\\ud83d"'), "surrogate"),
        (with_reference(b'"\\ude00\\ud83d"'), "surrogate"),
        (BODY[:-1] + b',"\\ud83d":1}', "surrogate"),
        (with_reference(b"[" * 990 + b"]" * 990), "levels deep"),
        (with_reference(b'{"a":' * 990 + b"1" + b"}" * 990), "levels deep"),
        (b"[" * BODY_BYTES_MAX, "levels deep"),
    ],
)
def test_other_than_one_strict_json_object_is_refused_with_the_reason(
    client: PartnerClient, body: bytes, reason: str
) -> None:
    refused = problem(client.post_body(body), 400, "invalid_json")

    assert reason in refused["detail"]
    assert client.event()["version"] == 0


def test_white_space_around_the_object_is_fine(client: PartnerClient) -> None:
    assert client.post_body(b" \r\n\t" + BODY + b"\n").status_code == 201


def test_brackets_within_text_are_no_nesting(client: PartnerClient) -> None:
    text = '"' + "[{" * 20 + '\\"' + "[" * 20 + '"'

    assert client.post_body(with_reference(text.encode())).status_code == 201


def test_body_of_16_kib_is_taken_and_one_byte_more_is_not(client: PartnerClient) -> None:
    longest = BODY + b" " * (BODY_BYTES_MAX - len(BODY))

    assert client.post_body(longest).status_code == 201
    refused = problem(client.post_body(longest + b" "), 413, "body_too_large")
    assert refused["bytesMax"] == BODY_BYTES_MAX
    assert client.event()["version"] == 1


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "Application/JSON",
    ],
)
def test_json_may_be_labelled_with_parameters(client: PartnerClient, content_type: str) -> None:
    assert client.post_body(BODY, content_type).status_code == 201


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/vnd.api+json",
        "application/jsonl",
        "application/octet-stream",
    ],
)
def test_other_labels_are_refused(client: PartnerClient, content_type: str | None) -> None:
    response = client.post_body(BODY, content_type)

    assert "application/json" in problem(response, 415, "unsupported_media_type")["detail"]
    assert client.event()["version"] == 0


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json"])
def test_no_body_needs_no_label(client: PartnerClient, content_type: str | None) -> None:
    problem(client.post("/reservations", content_type=content_type), 400, "invalid_json")


def test_cancel_needs_neither_body_nor_label(client: PartnerClient) -> None:
    response = client.delete(f"/reservations/{client.reserved_id()}")

    assert response.status_code == 204


def test_size_is_refused_before_the_label(client: PartnerClient) -> None:
    problem(client.post_body(b" " * 20_000, "text/plain"), 413, "body_too_large")


def test_chunked_body_is_refused(client: PartnerClient) -> None:
    response = client.post(
        "/reservations",
        data=BODY,
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
    )

    problem(response, 411, "length_required")
    assert client.event()["version"] == 0


def test_announced_length_is_believed_over_the_bytes(client: PartnerClient) -> None:
    response = client.post(
        "/reservations",
        data=BODY,
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": "20000"},
    )

    problem(response, 413, "body_too_large")
