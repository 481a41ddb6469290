"""One seed from its start to the judgement."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import takewhile

from tests.faults.simulation.engine import Engine
from tests.faults.simulation.judge import Judge, Violation
from tests.faults.simulation.world import World


@dataclass(slots=True)
class Verdict:
    """What is wrong with the run of one seed, and how much of it was looked at."""

    seed: int
    violations: list[Violation]
    steps: int
    operations: int
    checked: int
    seconds: float
    trace: list[str] = field(default_factory=list)


def simulate(seed: int, engine: Engine, *, with_trace: bool = False) -> Verdict:
    """Run a seed and judge it."""
    world = World(seed, engine)
    began = world.kernel.now
    world.run()
    judge = Judge(world)
    violations = list(judge.violations())
    return Verdict(
        seed,
        violations,
        world.kernel.steps,
        len(world.operations),
        judge.checked,
        world.kernel.now - began,
        world.kernel.told() if with_trace else [],
    )


def simulate_all(seeds: Iterable[int], over: float = math.inf) -> list[Verdict]:
    """Run some seeds one after the other, with the engine as it is shipped.

    None begins behind the moment `over` of the monotonic clock, which all processes share.
    """
    engine = Engine()
    in_time = takewhile(lambda _: time.monotonic() < over, seeds)
    return [simulate(seed, engine) for seed in in_time]
