"""Load by `wrk`: many connections that stay open, each asks again as soon as it is answered."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import click

PARTNER_ID = "abc-corp"
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
# Longer than any server here lets a client wait: who is slow is measured, not given up.
ANSWER_SECONDS_MAX = 30
SCRIPT = Path(__file__).with_name("load.lua")

Mode = Literal["rotate", "drop", "holds"]


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent; a body is JSON."""

    method: str
    path: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """What `wrk` saw.

    `broken` are connections cut and answers that did not come, `errors` answers other than 2xx
    and 3xx. What follows is counted only where the answers are looked at: in a drop, with holds,
    and with a limit. Moments are seconds on the monotonic clock.
    """

    requests: int
    broken: int
    errors: int
    seconds: float
    p50_ms: float
    p99_ms: float
    created: int
    confirmed: int
    refused: int
    failed: int
    false_refusals: int
    started: float
    sold_out_at: float
    answered_at_sold_out: int
    stopped: float

    @property
    def failures(self) -> int:
        """Requests that got no answer, or another one than was asked for."""
        return self.broken + self.errors - self.refused

    def unanswered(self, connections: int) -> int:
        """How many requests at most were sent that were not answered as they should be.

        At the end there is one on its way in each connection.
        """
        return connections + self.failures


def require_wrk() -> None:
    """Raise click.UsageError, which says what to install, unless `wrk` is there."""
    if shutil.which("wrk") is None:
        raise click.UsageError("wrk is not on the PATH: apt install wrk")


def drive(
    url: str,
    requests: Sequence[Request],
    *,
    connections: int,
    seconds: float,
    headers: Mapping[str, str] = NO_HEADERS,
    mode: Mode = "rotate",
    answers_max: int = 0,
) -> Load:
    """Send the requests in turn for so many seconds, or until so many answers, if that is sooner.

    One thread; `wrk` knows whole seconds only, so `seconds` is rounded up.
    """
    options = ["-t1", f"-c{connections}", f"-d{-int(-seconds // 1)}s", "-s", str(SCRIPT)]
    options += ["--timeout", f"{ANSWER_SECONDS_MAX}s"]
    options += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    told = [mode, str(answers_max), str(connections)]
    told += [part for each in requests for part in (each.method, each.path, each.body)]
    done = subprocess.run(
        ["wrk", *options, url, "--", *told], capture_output=True, text=True, check=True
    )
    return Load(**json.loads(done.stdout.splitlines()[-1]))
