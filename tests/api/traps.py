"""Bodies, numbers and texts that some readers take and others do not: bad clients send them."""

DEEP = 990
# None of these is one strict JSON object. What the schema would say of it is never asked.
JSON_TRAPS: dict[str, bytes] = {
    "nothing but space": b" ",
    "NaN": b'{"seats":NaN}',
    "Infinity": b'{"seats":Infinity}',
    "minus Infinity": b'{"seats":-Infinity}',
    "beyond a double": b'{"seats":1e999}',
    "a thousand digits": b'{"seats":' + b"9" * 1_000 + b"}",
    "a key twice": b'{"seats":1,"seats":2}',
    "a key twice, once escaped": b'{"seats":1,"se\\u0061ts":2}',
    "a key twice further in": b'{"items":[{"seats":1,"seats":1}]}',
    "UTF-16": '{"seats":1}'.encode("utf-16"),
    "UTF-16 without its mark": '{"seats":1}'.encode("utf-16-le"),
    "UTF-32": '{"seats":1}'.encode("utf-32"),
    "a byte order mark": b'\xef\xbb\xbf{"seats":1}',
    "Latin-1": b'{"name":"Caf\xe9"}',
    "an overlong slash": b'{"name":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"name":"\xed\xa0\x80"}',
    "half a pair": b'{"name":"\\ud800"}',
    "a pair the wrong way round": b'{"name":"\\udc00\\ud800"}',
    "half a pair as a key": b'{"\\ud800":1}',
    "a list": b'[{"seats":1}]',
    "a text": b'"seats"',
    "a number": b"1",
    "null": b"null",
    "true": b"true",
    "deep lists": b'{"items":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and never closed": b"[" * 16_000,
    "two objects": b'{"seats":1}{"seats":1}',
    "a comma too many": b'{"seats":1,}',
    "a comment": b'{"seats":1}/* */',
    "single quotes": b"{'seats':1}",
    "no quotes": b"{seats:1}",
    "a leading zero": b'{"seats":01}',
    "a plus sign": b'{"seats":+1}',
    "hexadecimal": b'{"seats":0x1}',
    "an underscore": b'{"seats":1_0}',
    "Arabic digits": '{"seats":\u0661}'.encode(),
    "a point and no digit": b'{"seats":1.}',
    "a line break in a text": b'{"name":"a\nb"}',
    "NUL behind the end": b'{"seats":1}\x00',
    "half an object": b'{"seats":1',
    "a form": b"seats=1",
}
# JSON that is right, and no integer that a count could be.
NUMBER_TRAPS = (
    *("true", "false", '"1"', "1.0", "1.5", "1e0", "1E2", "-1", "[1]", '{"a":1}', '""'),
    *(str(2**63), str(2**64), str(-(2**63) - 1), "1" + "0" * 299),
    *('"\u0661"', '"1_0"', '" 1"', '"0x1"', '"NaN"'),
)
TEXT_TRAPS = ("1", "true", "1.5", "[]", '["a"]', "{}", '{"a":"b"}')
# As they stand in a query, for what must be an integer there.
QUERY_TRAPS = (
    *("", "-1", "+1", "1.0", "1e0", "1_0", "0x1", "%D9%A1", "%201", "1%20", "1%00", "NaN", "true"),
    *("9" * 19, "9" * 400, "%FF", "%ED%A0%80", "1&limit=1", "%EF%BC%91"),
)
# As they stand in a path or a query, for what may be any text.
TEXT_TRAPS_IN_URLS = (
    *("%00", "a%00b", "%FF%FE", "%ED%A0%80", "%C0%AF", "%EF%BB%BF", "%0D%0AX-Injected:%201"),
    *("%E2%80%AE", "%F0%9F%98%80", "%27%3B--", "%25s%25n", "..%2F..", "a" * 2_000),
)
