"""The strict decoder: whatever readers of JSON disagree about is refused."""

import json
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ticketboss.api.json import DEPTH_MAX, InvalidJson, decode, encode
from ticketboss.repository.interface import OutcomeUnknown


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"seats":NaN}', "the number NaN"),
        (b'{"seats":Infinity}', "the number Infinity"),
        (b'{"seats":-Infinity}', "the number -Infinity"),
        (b'{"seats":1e999}', "too large"),
        (b'{"seats":-1e999}', "too large"),
        (b'{"seats":1' + b"0" * 5000 + b"}", "too many digits"),
        (b'{"seats":1,"seats":2}', "more than once"),
        (b'{"a":{"b":1,"b":1}}', "more than once"),
        (b'{"a":1,"\\u0061":2}', "more than once"),
        ('{"seats":1}'.encode("utf-16"), "not valid UTF-8"),
        ('{"seats":1}'.encode("utf-16-le"), "not valid JSON"),
        (b'\xef\xbb\xbf{"seats":1}', "byte order mark"),
        (b'{"partnerId":"\xff"}', "not valid UTF-8"),
        (b'{"partnerId":"\xed\xa0\x80"}', "not valid UTF-8"),
        (b'{"partnerId":"\xc0\xaf"}', "not valid UTF-8"),
        (b'{"partnerId":"\\ud800"}', "surrogate"),
        (b'{"partnerId":"\\udc00\\ud800"}', "surrogate"),
        (b'{"\\ud800":1}', "surrogate"),
        (b'{"a":[{"b":"\\udfff"}]}', "surrogate"),
        (b"[1]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"1", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"true", "not a JSON object"),
        (b"", "not valid JSON"),
        (b" ", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b'{"a":1,}', "not valid JSON"),
        (b"{'a':1}", "not valid JSON"),
        (b'{"a":01}', "not valid JSON"),
        (b'{"a":1}{"b":2}', "not valid JSON"),
        (b'{"a":1} // why', "not valid JSON"),
        (b'{"a":"\n"}', "not valid JSON"),
        (b'{"a":1}\x00', "not valid JSON"),
        (b"a=1&b=2", "not valid JSON"),
    ],
)
def test_what_readers_of_json_disagree_about_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(InvalidJson, match=reason):
        decode(body)


def test_a_number_beyond_a_double_is_refused_in_every_notation() -> None:
    largest = int(sys.float_info.max)
    for digits in (f"{largest * 10}", f"-{largest * 10}", f"{largest * 10}.0"):
        with pytest.raises(InvalidJson):
            decode(b'{"seats":' + digits.encode() + b"}")


def test_the_place_of_an_error_is_told() -> None:
    with pytest.raises(InvalidJson, match="line 2, column 10"):
        decode(b'{\n"seats": x}')


def test_an_object_is_decoded_with_its_types() -> None:
    body = '{"partnerId": "Bäcker ☃ \\ud83d\\ude00", "seats": 3, "f": 3.0, "t": true, "n": null}'
    decoded = decode(body.encode())
    assert decoded == {"partnerId": "Bäcker ☃ 😀", "seats": 3, "f": 3.0, "t": True, "n": None}
    assert [type(decoded[name]) for name in ("seats", "f", "t")] == [int, float, bool]


def test_white_space_around_the_object_does_not_matter() -> None:
    assert decode(b' \t\r\n{ "a" : 1 }\n') == {"a": 1}


def _nested(depth: int, opening: str, closing: str) -> bytes:
    inner = opening * (depth - 1) + "1" + closing * (depth - 1)
    return ('{"a":' + inner + "}").encode()


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"b":', "}")])
def test_the_deepest_allowed_nesting_is_read_and_one_level_more_is_not(
    opening: str, closing: str
) -> None:
    assert "a" in decode(_nested(DEPTH_MAX, opening, closing))
    # With more brackets beside them, so that their number alone does not tell the depth.
    assert "a" in decode(_nested(DEPTH_MAX, opening, closing)[:-1] + b',"b":[[],[],{}]}')
    with pytest.raises(InvalidJson, match=f"more than {DEPTH_MAX} levels"):
        decode(_nested(DEPTH_MAX + 1, opening, closing))


@pytest.mark.parametrize("depth", [990, 5_000, 100_000])
def test_nesting_beyond_the_stack_is_refused_and_not_a_crash(depth: int) -> None:
    with pytest.raises(InvalidJson, match="levels deep"):
        decode(_nested(depth, "[", "]"))
    with pytest.raises(InvalidJson, match="levels deep"):
        decode(b'{"a":' + b"[" * depth)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    body = b'{"a":[' + b",".join([b"{}", b"[]"] * 100) + b"]}"
    assert len(decode(body)["a"]) == 200


@pytest.mark.parametrize(
    "text", ["[" * 100, "{" * 100, '"' + "[" * 100, "\\" + "{" * 100, '\\"' + "[" * 100 + "\\"]
)
def test_brackets_inside_strings_do_not_count(text: str) -> None:
    assert decode(json.dumps({"reference": text, text: 1}).encode()) == {"reference": text, text: 1}


@pytest.mark.parametrize("string", [r'""', r'"\""', r'"\\"', r'"\\\""', r'"[\\"', r'"\u0022"'])
def test_brackets_behind_a_string_with_escapes_do_count(string: str) -> None:
    assert decode(('{"a":' + string + "}").encode())
    too_deep = "[" * DEPTH_MAX + "]" * DEPTH_MAX
    with pytest.raises(InvalidJson, match="levels deep"):
        decode(("{" + string + ":" + too_deep + "}").encode())


def test_answers_are_compact_utf_8_in_the_given_order() -> None:
    assert encode({"b": "☃", "a": [1, None, True]}) == '{"b":"☃","a":[1,null,true]}'.encode()


texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | texts
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(texts, values))
def test_what_is_encoded_is_decoded_to_the_same(value: dict[str, Any]) -> None:
    assert decode(encode(value)) == value
    assert decode(json.dumps(value).encode()) == value


near_json = st.lists(
    st.sampled_from(
        [*'{}[]",:\\ \n0-1.9eE', "u", "\\u", "d8", "00", "true", "null", "NaN", '{"a":']
    )
).map(lambda parts: "".join(parts).encode())


@settings(deadline=None, max_examples=500)
@given(st.binary() | near_json | near_json.map(lambda inner: b'{"a":' + inner + b"}"))
@example(b'{"a":' + b"]" * 50 + b"[" * 5000)
def test_any_bytes_are_either_an_object_or_invalid_json(body: bytes) -> None:
    try:
        decoded = decode(body)
    except InvalidJson:
        return
    assert json.loads(body) == decoded


def test_bytes_come_from_a_damaged_file_and_what_is_answered_with_them_may_be_done() -> None:
    with pytest.raises(OutcomeUnknown, match="damaged"):
        encode({"partnerId": b"abc-corp"})
    with pytest.raises(TypeError, match="set is no JSON"):
        encode({"partnerId": {1}})
