"""What the workers have in memory after very many requests."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.growth.part import Part, over
from benchmarks.load import drive
from benchmarks.processes import resident_bytes
from benchmarks.rig import HOT, SEATS, get, post
from benchmarks.servers import KeyedTicketBoss
from benchmarks.targets import Target

STEPS = 10
STEP_SECONDS_MAX = 3_600
MEBIBYTE = 1024 * 1024
MEBIBYTES_MAX = 120
# Of its size at half of the requests; less is what a heap moves by without growing.
GROWTH_MAX = 1.05


def measure_memory(requests: int) -> Part:
    """Load a server with everything on, 80 % GET and 20 % POST, and look every tenth of the way."""
    with tempfile.TemporaryDirectory() as folder, KeyedTicketBoss(Path(folder) / "s") as server:
        server.create_event(HOT, SEATS)
        seen = [_memory(server)]
        for _ in range(STEPS):
            load = drive(
                server.url,
                [post(HOT), *[get(HOT)] * 4],
                connections=32,
                seconds=STEP_SECONDS_MAX,
                headers=server.headers,
                answers_max=requests // STEPS,
            )
            if load.failures:
                raise RuntimeError(f"{load.failures} requests failed:\n{server.log()[-2000:]}")
            seen.append(_memory(server))
    return part(requests, seen)


def part(requests: int, seen: Sequence[Sequence[float]]) -> Part:
    """What the sizes of the workers in MiB, seen at the start and after each step, come to."""
    half, end = seen[len(seen) // 2], seen[-1]
    growth = over(after / before for before, after in zip(half, end, strict=True))
    rows = [
        f"| {requests * number // STEPS:,} | {' | '.join(f'{size:.0f}' for size in sizes)} |"
        for number, sizes in enumerate(seen)
    ]
    heads = " | ".join(f"worker {number + 1}, MiB" for number in range(len(end)))
    return Part(
        "Memory",
        [
            Target(
                f"MiB in a worker after {requests:,} requests", over(end), at_most=MEBIBYTES_MAX
            ),
            Target("Memory of a worker, to that at half of them", growth, at_most=GROWTH_MAX),
        ],
        [f"| requests | {heads} |", "|---:|" + "---:|" * len(end), *rows],
    )


def _memory(server: KeyedTicketBoss) -> list[float]:
    return [resident_bytes(pid) / MEBIBYTE for pid in sorted(server.worker_pids())]
