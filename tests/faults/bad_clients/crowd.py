"""All bad clients at once, in a process of their own, so that nobody else is slowed by them."""

import asyncio
import json
import os
import resource
import sys
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import click

from tests.faults.bad_clients.connection import Connection
from tests.faults.bad_clients.kinds import BUSY, CROWD

# Those who stay; the others come and go.
STAYING = ("idle", "idle behind a request", "slow head", "slow body")
FILES = 8_192
VIOLATIONS_MAX = 20
LOOK_SECONDS = 0.05
NICE = 10


@dataclass
class Report:
    """What the bad clients did, and what they were told that they must not be told."""

    acts: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    # Where the server closed or refused a connection; it may.
    unheard: int = 0
    violations: list[str] = field(default_factory=list)


async def _keep_acting(name: str, number: int, port: int, seed: int, report: Report) -> None:
    kind, _, pause = CROWD[name]
    for act_number in range(sys.maxsize):
        try:
            act = await kind(port, Random(f"{seed}-{name}-{number}-{act_number}"))
        except (OSError, TimeoutError):
            report.unheard += 1
        else:
            report.acts[name] += 1
            report.answers.update(act.told)
            wrong = {*act.told} - act.allowed - BUSY
            if wrong and len(report.violations) < VIOLATIONS_MAX:
                report.violations.append(
                    f"{name} {number}, act {act_number} of seed {seed}: {sorted(wrong)}"
                )
        await asyncio.sleep(pause)


async def _all_here() -> None:
    staying = sum(CROWD[name][1] for name in STAYING)
    while Connection.open_now < staying:
        await asyncio.sleep(LOOK_SECONDS)


async def act(port: int, seconds: float, seed: int) -> Report:
    """Have all of them act for so long, counted from when all who stay are connected."""
    report = Report()
    acting = [
        asyncio.create_task(_keep_acting(name, number, port, seed, report))
        for name, (_, count, _) in CROWD.items()
        for number in range(count)
    ]
    await _all_here()
    click.echo("here")
    await asyncio.sleep(seconds)
    for task in acting:
        task.cancel()
    ended = await asyncio.gather(*acting, return_exceptions=True)
    report.violations += [repr(each) for each in ended if isinstance(each, Exception)]
    return report


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--seconds", type=float, required=True)
@click.option("--seed", type=int, required=True)
def main(port: int, seconds: float, seed: int) -> None:
    """Be all the bad clients of a server; the last line is a report as JSON."""
    # In truth they are on other machines: what they cost themselves is not taken from the server.
    os.nice(NICE)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    click.echo(json.dumps(vars(asyncio.run(act(port, seconds, seed)))))


if __name__ == "__main__":
    main()
