"""The table of where the microseconds of a POST go, in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.growth.part import over, shown
from benchmarks.post.parts import IN_TRANSACTION
from benchmarks.report import listed

PARTS_HEAD = "| Part | µs | Share, % |\n|---|---:|---:|\n"


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of POSTs has taken, in microseconds for each of them.

    `commit` has the waits for the write lock in it; `sync` is one sync of the disk, alone.
    """

    user: float
    system: float
    commit: float
    lock_wait: float
    posts_in_a_commit: float
    sync: float


def markdown(facts: Mapping[str, str], rounds: Sequence[Round], looks: Mapping[str, int]) -> str:
    """The whole report."""
    cpu = over(each.user + each.system for each in rounds)
    lines = ["# Where the microseconds of a POST go", "", *listed(facts)]
    lines += [
        "",
        "CPU of master and workers for one POST, keys, limits, metrics and log on; medians over",
        "the rounds, with the smallest and the largest.",
        "",
        "| Where | µs |",
        "|---|---:|",
        f"| outside the kernel | {shown(over(each.user for each in rounds))} |",
        f"| in the kernel | {shown(over(each.system for each in rounds))} |",
        f"| both | {shown(cpu)} |",
        "",
        *_of_parts(cpu.median, looks),
        "",
        *_of_waits(rounds, cpu.median, looks),
        "",
    ]
    return "\n".join(lines)


def _of_parts(cpu: float, looks: Mapping[str, int]) -> Iterator[str]:
    total = sum(looks.values())
    yield "The same CPU by parts, system calls with whoever made them. The workers' stacks were"
    yield f"looked at {total:,} times, whenever the kernel's clock had counted some more CPU."
    yield from ("", *PARTS_HEAD.splitlines())
    for part, seen in sorted(looks.items(), key=lambda each: -each[1]):
        yield f"| {part} | {cpu * seen / total:.0f} | {100 * seen / total:.1f} |"


def _of_waits(rounds: Sequence[Round], cpu: float, looks: Mapping[str, int]) -> Iterator[str]:
    inside = cpu * sum(looks.get(part, 0) for part in IN_TRANSACTION) / sum(looks.values())
    yield "Time by the clock, of which only a small part is CPU: a write transaction from its lock"
    yield "to the end of its COMMIT. What its CPU and the sync of the disk leave is waiting for a"
    yield "processor, which the other worker and `wrk` want as well."
    yield from ("", "| | |", "|---|---:|")
    rows = {
        "POSTs in a transaction": shown(over(each.posts_in_a_commit for each in rounds), 1),
        "a transaction for each POST in it, µs": shown(
            over(each.commit - each.lock_wait for each in rounds)
        ),
        "of it CPU: snapshot, deciding, rows, COMMIT": f"{inside:.0f}",
        "of it the sync, as long as one of a page takes with nothing else going on": shown(
            over(each.sync / each.posts_in_a_commit for each in rounds)
        ),
        "before it the wait for the write lock, for each POST, µs": shown(
            over(each.lock_wait for each in rounds)
        ),
    }
    yield from (f"| {name} | {value} |" for name, value in rows.items())
