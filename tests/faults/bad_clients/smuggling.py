"""Requests whose length can be read in two ways, each with a second request hidden in its body.

A proxy in front may read them otherwise than the server. Whatever the server makes of the first
request, it must never take the hidden one for a request.
"""

HIDDEN_BODY = b'{"partnerId":"smuggler","seats":1}'
HIDDEN = (
    b"POST /reservations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(HIDDEN_BODY), HIDDEN_BODY)
)
HEAD = b"POST /reservations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked"
ENDING_CHUNK = b"0\r\n\r\n"

# Lines that some server may take for "the body is chunked", or not.
CODINGS: dict[str, bytes] = {
    "chunked": CHUNKED,
    "in capitals": b"TRANSFER-ENCODING: CHUNKED",
    "chunked twice": b"Transfer-Encoding: chunked, chunked",
    "two lines of it": CHUNKED + b"\r\n" + CHUNKED,
    "chunked, then identity": b"Transfer-Encoding: chunked, identity",
    "identity, then chunked": b"Transfer-Encoding: identity, chunked",
    "identity line, then chunked line": b"Transfer-Encoding: identity\r\n" + CHUNKED,
    "chunked line, then identity line": CHUNKED + b"\r\nTransfer-Encoding: identity",
    "identity alone": b"Transfer-Encoding: identity",
    "gzip, then chunked": b"Transfer-Encoding: gzip, chunked",
    "chunked, then gzip": b"Transfer-Encoding: chunked, gzip",
    "a letter before": b"Transfer-Encoding: xchunked",
    "a letter behind": b"Transfer-Encoding: chunkedx",
    "in quotes": b'Transfer-Encoding: "chunked"',
    "with a parameter": b"Transfer-Encoding: chunked;q=1",
    "a comma before": b"Transfer-Encoding: ,chunked",
    "a comma behind": b"Transfer-Encoding: chunked,",
    "nothing": b"Transfer-Encoding:",
    "space before the colon": b"Transfer-Encoding : chunked",
    "tab before the colon": b"Transfer-Encoding\t: chunked",
    "NUL before the colon": b"Transfer-Encoding\x00: chunked",
    "vertical tab behind the colon": b"Transfer-Encoding:\x0bchunked",
    "form feed behind it": b"Transfer-Encoding: chunked\x0c",
    "NUL behind it": b"Transfer-Encoding: chunked\x00",
    "NUL before it": b"Transfer-Encoding: \x00chunked",
    "carriage return behind it": b"Transfer-Encoding: chunked\r",
    "carriage return before it": b"X-Y: 1\rTransfer-Encoding: chunked",
    "line feed before it": b"X-Y: 1\nTransfer-Encoding: chunked",
    "line feed behind it": b"Transfer-Encoding: chunked\nX-Y: 1",
    "space before the name": b" Transfer-Encoding: chunked",
    "tab before the name": b"\tTransfer-Encoding: chunked",
    "folded": b"Transfer-Encoding:\r\n chunked",
    "folded with a tab": b"Transfer-Encoding:\r\n\tchunked",
    "folded by a line feed": b"Transfer-Encoding:\n chunked",
    "hard space before it": b"Transfer-Encoding: \xa0chunked",
    "next line behind it": b"Transfer-Encoding: chunked\x85",
    "letters of Latin-1": b"Transfer-Encoding: chun\xeced",
    "no colon": b"Transfer-Encoding chunked",
}
# What two of these say together, or one of them alone, has more than one meaning.
LENGTHS: dict[str, bytes] = {
    "none, then some": b"Content-Length: 0\r\nContent-Length: %d",
    "some, then none": b"Content-Length: %d\r\nContent-Length: 0",
    "the same twice": b"Content-Length: %d\r\nContent-Length: %d",
    "a list": b"Content-Length: 0, %d",
    "a list of the same": b"Content-Length: %d, %d",
    "nothing": b"Content-Length:",
    "a plus": b"Content-Length: +%d",
    "minus nothing": b"Content-Length: -0",
    "a minus": b"Content-Length: -%d",
    "hexadecimal": b"Content-Length: 0x%d",
    "a fraction": b"Content-Length: %d.0",
    "an exponent": b"Content-Length: %de0",
    "an underscore": b"Content-Length: 0_%d",
    "a space inside": b"Content-Length: 0 %d",
    "a tab inside": b"Content-Length: 0\t%d",
    "a superscript": b"Content-Length: \xb2",
    "in quotes": b'Content-Length: "%d"',
    "a parameter": b"Content-Length: %d;q=1",
    "beyond 64 bits": b"Content-Length: 18446744073709551616%d",
    "space before the colon": b"Content-Length : %d",
    "vertical tab behind the colon": b"Content-Length:\x0b%d",
    "NUL behind it": b"Content-Length: %d\x00",
    "carriage return behind it": b"Content-Length: %d\r",
    "carriage return inside": b"Content-Length: 0\r%d",
    "folded": b"Content-Length:\r\n %d",
    "folded within": b"Content-Length: 0\r\n %d",
    "space before the name": b" Content-Length: %d",
    "a line feed before it": b"X-Y: 1\nContent-Length: %d",
    "a line feed behind it": b"Content-Length: %d\nX-Y: 1",
    "no colon": b"Content-Length %d",
}
# Bodies of which a reader may find the end here or there.
CHUNKS: dict[str, bytes] = {
    "hexadecimal prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a plus": b"+5\r\nhello\r\n0\r\n\r\n",
    "a minus": b"-5\r\nhello\r\n0\r\n\r\n",
    "an underscore": b"0_5\r\nhello\r\n0\r\n\r\n",
    "a space before the size": b" 5\r\nhello\r\n0\r\n\r\n",
    "no size": b"\r\nhello\r\n0\r\n\r\n",
    "a size that is no number": b"five\r\nhello\r\n0\r\n\r\n",
    "a size beyond 64 bits": b"fffffffffffffffff5\r\nhello\r\n0\r\n\r\n",
    "a line feed behind the size": b"5\nhello\r\n0\r\n\r\n",
    "a carriage return behind the size": b"5\rhello\r\n0\r\n\r\n",
    "a line feed behind the chunk": b"5\r\nhello\n0\r\n\r\n",
    "two signs in place of the line's end": b"5\r\nhelloXX0\r\n\r\n",
    "a chunk longer than its size": b"5\r\nhello world\r\n0\r\n\r\n",
    "a line feed in an extension": b"5;a=\nx\r\nhello\r\n0\r\n\r\n",
    "a carriage return in an extension": b"5;a=\rx\r\nhello\r\n0\r\n\r\n",
    "NUL in an extension": b"5;a=\x00\r\nhello\r\n0\r\n\r\n",
}
# Heads of which a reader may find the end of a line, or of the head, here or there.
HEADS: dict[str, bytes] = {
    "line feeds alone": HEAD.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n",
    "a line feed at the end": HEAD + b"Content-Length: 0\r\n\n",
    "the end without carriage return": HEAD + b"Content-Length: 0\n\r\n",
    "carriage returns alone": HEAD.replace(b"\r\n", b"\r") + b"Content-Length: 0\r\r",
    "a bare carriage return in a value": HEAD + b"X-Y: 1\r2\r\nContent-Length: 0\r\n\r\n",
    "NUL in a value": HEAD + b"X-Y: 1\x002\r\nContent-Length: 0\r\n\r\n",
    "NUL in a name": HEAD + b"X\x00Y: 1\r\nContent-Length: 0\r\n\r\n",
    "a line without a name": HEAD + b": 1\r\nContent-Length: 0\r\n\r\n",
    "a folded first header": HEAD.replace(b"Host", b" Host") + b"Content-Length: 0\r\n\r\n",
    "a folded last header": HEAD + b"Content-Length: 0\r\n 1\r\n\r\n",
    "a second Host": HEAD + b"Host: other.test\r\nContent-Length: 0\r\n\r\n",
    "an old version and chunks": HEAD.replace(b"1.1", b"1.0") + CHUNKED + b"\r\n\r\n0\r\n\r\n",
    "a vertical tab in the first line": HEAD.replace(b" /", b"\x0b/")
    + b"Content-Length: 0\r\n\r\n",
    "the beginning of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


def attempts() -> dict[str, bytes]:
    """All attempts, by name; each ends with the request that is hidden."""
    found = {f"head: {name}": head + HIDDEN for name, head in HEADS.items()}
    for name, coding in CODINGS.items():
        # One who reads the length skips the hidden one, and one who reads chunks does not ...
        rest = ENDING_CHUNK + HIDDEN
        length = b"Content-Length: %d\r\n" % len(rest)
        found[f"length, then coding: {name}"] = HEAD + length + coding + b"\r\n\r\n" + rest
        found[f"coding, then length: {name}"] = HEAD + coding + b"\r\n" + length + b"\r\n" + rest
        # ... and the other way round.
        size = b"%x\r\n" % len(HIDDEN)
        short = b"Content-Length: %d\r\n" % len(size)
        rest = size + HIDDEN + b"\r\n" + ENDING_CHUNK
        found[f"short length and coding: {name}"] = HEAD + short + coding + b"\r\n\r\n" + rest
    for name, lengths in LENGTHS.items():
        lines = lengths.replace(b"%d", b"%d" % len(HIDDEN))
        found[f"lengths: {name}"] = HEAD + lines + b"\r\n\r\n" + HIDDEN
    for name, chunks in CHUNKS.items():
        found[f"chunks: {name}"] = HEAD + CHUNKED + b"\r\n\r\n" + chunks + HIDDEN
    return found
