"""What bad clients do: each kind is one act on a connection of its own, chosen by its seed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from tests.api.traps import JSON_TRAPS, NUMBER_TRAPS, TEXT_TRAPS_IN_URLS
from tests.faults.bad_clients.connection import HOST, JSON, Connection, statuses
from tests.faults.bad_clients.smuggling import attempts

GET = b"GET /reservations HTTP/1.1\r\n" + HOST
POST = b"POST /reservations HTTP/1.1\r\n" + HOST + JSON
BODY = b'{"partnerId":"bad-client","seats":1}'
# Nobody waits for the end of these for longer; the server's own limits are shorter.
DRIP_SECONDS = 0.5
LARGE_URLS = (b"/docs/swagger-ui-bundle.js", b"/openapi.json")
ATTEMPTS = list(attempts().values())
METHODS = (b"GET", b"POST", b"PATCH", b"DELETE", b"PUT", b"HEAD", b"OPTIONS", b"TRACE", b"BREW")
PIECES = (
    *(
        b"GET ",
        b"/",
        b"HTTP/1.1",
        b"\r\n",
        b"\n",
        b"\r",
        b":",
        b" ",
        b"\t",
        b"\x00",
        b"\xff",
        b"Host",
    ),
    *(b"Content-Length", b"Transfer-Encoding", b"chunked", b"0", b"-1", b"{", b"}", b'"', b"%00"),
)


@dataclass(frozen=True, slots=True)
class Act:
    """What came of one act: the statuses that were answered, and those that may be."""

    told: list[int]
    allowed: frozenset[int]


Kind = Callable[[int, Random], Awaitable[Act]]

NOTHING: frozenset[int] = frozenset()
REFUSED = frozenset({400, 403, 404, 405, 408, 411, 413, 414, 415, 417, 431, 501})
# While the server is stopped or crowded it may say so.
BUSY = frozenset({503})


async def idle(port: int, random: Random) -> Act:
    """Connect, say nothing, and stay for as long as the server lets it."""
    async with Connection(port) as connection:
        return Act(statuses(await connection.everything()), NOTHING)


async def idle_behind_a_request(port: int, random: Random) -> Act:
    """Ask once, and keep the connection."""
    async with Connection(port) as connection:
        await connection.send(GET + b"\r\n")
        return Act(statuses(await connection.everything()), frozenset({200}))


async def slow_head(port: int, random: Random) -> Act:
    """Send a head byte by byte, and never its end."""
    async with Connection(port) as connection:
        ended = asyncio.create_task(connection.everything())
        sent = iter(GET + b"X-Slow: " + b"a" * 1_000)
        while not ended.done():
            await connection.send(bytes([next(sent)]))
            await asyncio.wait([ended], timeout=DRIP_SECONDS)
        return Act(statuses(ended.result()), NOTHING)


async def slow_body(port: int, random: Random) -> Act:
    """Announce a body and let it drip."""
    async with Connection(port) as connection:
        await connection.send(POST + b"Content-Length: 10000\r\n\r\n{")
        ended = asyncio.create_task(connection.everything())
        while not ended.done():
            await connection.send(b" ")
            await asyncio.wait([ended], timeout=DRIP_SECONDS)
        return Act(statuses(ended.result()), frozenset({408}))


async def slow_reader(port: int, random: Random) -> Act:
    """Ask for what is large, and take none of it for a while."""
    async with Connection(port) as connection:
        connection.stop_reading()
        url = random.choice(LARGE_URLS)
        await connection.send((b"GET " + url + b" HTTP/1.1\r\n" + HOST + b"\r\n") * 3)
        await asyncio.sleep(random.uniform(1, 4))
        connection.reset()
        return Act([], NOTHING)


async def half_closed(port: int, random: Random) -> Act:
    """Close one direction: behind a request, in the middle of one, or at once."""
    async with Connection(port) as connection:
        whole = GET + b"\r\n"
        await connection.send(whole[: random.choice([0, 3, len(whole) - 2, len(whole)])])
        connection.end_sending()
        return Act(statuses(await connection.everything()), frozenset({200}))


async def resetting(port: int, random: Random) -> Act:
    """Go away without a word, somewhere in a request or its answer."""
    async with Connection(port) as connection:
        whole = random.choice([GET + b"\r\n", POST + b"Content-Length: 99\r\n\r\n" + BODY])
        await connection.send(whole[: random.randint(0, len(whole))])
        connection.reset()
        return Act([], NOTHING)


async def pipelining(port: int, random: Random) -> Act:
    """Ask for many things at once, the last of them by a request that is none."""
    async with Connection(port) as connection:
        await connection.send((GET + b"\r\n") * random.randint(2, 30) + b"G\x00\r\n\r\n" + GET)
        return Act(statuses(await connection.everything()), frozenset({200, 400}))


async def smuggling(port: int, random: Random) -> Act:
    """Hide a request in another one."""
    async with Connection(port) as connection:
        await connection.send(random.choice(ATTEMPTS))
        connection.end_sending()
        return Act(statuses(await connection.everything()), REFUSED)


async def oversized(port: int, random: Random) -> Act:
    """Send too much: a head, a URL, a body that is announced, or one in chunks."""
    size = random.randint(20_000, 3_000_000)
    sent = random.choice(
        [
            GET + b"X-Y: " + b"a" * size + b"\r\n\r\n",
            GET + b"".join(b"X-%d: 1\r\n" % number for number in range(500)) + b"\r\n",
            b"GET /" + b"a" * size + b" HTTP/1.1\r\n" + HOST + b"\r\n",
            POST + b"Content-Length: %d\r\n\r\n" % size + b" " * size,
            POST + b"Content-Length: %d\r\n\r\n" % 10**18 + b" " * size,
            POST
            + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % size
            + b" " * size
            + b"\r\n0\r\n\r\n",
            POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * (size // 100),
        ]
    )
    async with Connection(port) as connection:
        ended = asyncio.create_task(connection.everything())
        try:
            await connection.send(sent)
            connection.end_sending()
        except (ConnectionError, RuntimeError):
            pass  # It has heard enough.
        return Act(statuses(await ended), REFUSED)


async def trapping(port: int, random: Random) -> Act:
    """Send JSON, a number or a URL that readers disagree about."""
    trap = random.choice(TEXT_TRAPS_IN_URLS).encode()
    number = random.choice(NUMBER_TRAPS)
    body = random.choice(
        [
            *JSON_TRAPS.values(),
            json.dumps({"partnerId": "bad-client", "seats": "N"}).replace('"N"', number).encode(),
        ]
    )
    sent = random.choice(
        [
            POST + b"Content-Length: %d\r\n\r\n" % len(body) + body,
            b"GET /reservations/" + trap + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        ]
    )
    async with Connection(port) as connection:
        await connection.send(sent)
        connection.end_sending()
        return Act(statuses(await connection.everything()), REFUSED)


async def noise(port: int, random: Random) -> Act:
    """Send bytes that are nothing, or a request with some of its bytes changed."""
    changed = bytearray(random.choice([GET + b"\r\n", POST + b"Content-Length: 36\r\n\r\n" + BODY]))
    for _ in range(random.randint(1, 6)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    sent = random.choice(
        [
            random.randbytes(random.randint(1, 2_000)),
            b"".join(random.choices(PIECES, k=random.randint(1, 60))) + b"\r\n\r\n",
            bytes(changed),
            random.choice(METHODS) + b" / HTTP/1.1\r\n" + HOST + b"\r\n",
        ]
    )
    async with Connection(port) as connection:
        await connection.send(sent)
        connection.end_sending()
        # A change may have left it a request, also for another partner's or more seats.
        return Act(statuses(await connection.everything()), REFUSED | {200, 201, 204, 409})


# How many of each act at once, and the pause of each between two acts, in seconds.
CROWD: dict[str, tuple[Kind, int, float]] = {
    "idle": (idle, 2_000, 0.5),
    "idle behind a request": (idle_behind_a_request, 60, 0.5),
    "slow head": (slow_head, 80, 0.1),
    "slow body": (slow_body, 80, 0.1),
    "slow reader": (slow_reader, 20, 0.2),
    "half-closed": (half_closed, 3, 0.1),
    "reset": (resetting, 3, 0.1),
    "pipelining": (pipelining, 2, 0.3),
    "smuggling": (smuggling, 3, 0.1),
    "oversized": (oversized, 2, 0.5),
    "traps": (trapping, 3, 0.1),
    "noise": (noise, 3, 0.1),
}
