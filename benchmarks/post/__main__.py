"""`python -m benchmarks.post`: where the microseconds of a POST go, in the kernel as well."""

import json
import tempfile
from collections import Counter
from pathlib import Path

import click
import requests

from benchmarks.load import drive, require_wrk
from benchmarks.machine import describe, sync_median_ms
from benchmarks.output import RESULTS, Form, output_option
from benchmarks.post.parts import parts
from benchmarks.post.readme import README, show_in
from benchmarks.post.report import Round, markdown
from benchmarks.processes import cpu_seconds_by_mode
from benchmarks.rig import HOT, SEATS, post
from benchmarks.servers import KeyedTicketBoss
from benchmarks.versions import at_start
from tests.exposition import Exposition

CONNECTIONS = 32
WARM_UP_SECONDS = 2
ROUNDS, SECONDS = 10, 4
OFFICIAL = {"rounds": ROUNDS, "seconds": SECONDS}
ANSWER_SECONDS_MAX = 30


class SampledTicketBoss(KeyedTicketBoss):
    """TicketBoss with everything on, whose workers write what they did when they end."""

    wsgi_app = "benchmarks.post.sampled:app"

    def seen(self) -> Exposition:
        """What /metrics tells now."""
        answer = requests.get(
            f"{self.url}/metrics", headers=self.operator_headers(), timeout=ANSWER_SECONDS_MAX
        )
        return Exposition(answer.text)


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=ROUNDS, show_default=True)
@click.option("--seconds", type=click.IntRange(1), default=SECONDS, show_default=True)
@output_option
def main(rounds: int, seconds: int, output: Path | None) -> None:
    """Measure it, and write a table."""
    require_wrk()
    form = Form({"rounds": rounds, "seconds": seconds}, OFFICIAL)
    form.require_folder(output)
    started = at_start()
    with tempfile.TemporaryDirectory() as folder:
        found, stacks = measure(Path(folder), rounds, seconds)
        facts = describe(Path(folder))
    load = f"wrk, {CONNECTIONS} connections, {rounds} rounds of {seconds} s"
    facts = {**started, **facts, "load": load, "settings": form.told}
    report = markdown(facts, found, parts(stacks))
    path = form.folder(output) / "post.md"
    path.write_text(report)
    if path.parent == RESULTS:
        show_in(README, report)
    click.echo(f"{report}\nWritten to {path}.")


def measure(folder: Path, rounds: int, seconds: int) -> tuple[list[Round], Counter[str]]:
    """The rounds, and how often each stack was met in all of them together."""
    with SampledTicketBoss(folder / "server", SAMPLES_FOLDER=str(folder)) as server:
        server.create_event(HOT, SEATS)
        _measure_round(server, WARM_UP_SECONDS)
        found = [_measure_round(server, seconds) for _ in range(rounds)]
        server.stop()
    stacks: Counter[str] = Counter()
    for path in folder.glob("*.samples"):
        stacks.update(json.loads(path.read_text()))
    if not stacks:
        raise RuntimeError(f"The workers ended without a word:\n{server.log()[-2000:]}")
    return found, stacks


def _measure_round(server: SampledTicketBoss, seconds: int) -> Round:
    seen, before = server.seen(), cpu_seconds_by_mode(server.master_pid)
    load = drive(
        server.url,
        [post(HOT)],
        connections=CONNECTIONS,
        seconds=seconds,
        headers=server.headers,
    )
    if load.failures:
        raise RuntimeError(f"{load.failures} requests failed:\n{server.log()[-2000:]}")
    after = cpu_seconds_by_mode(server.master_pid)
    seen_after = server.seen()

    def grown(name: str) -> float:
        return seen_after.value(name) - seen.value(name)

    user, system = (late - early for late, early in zip(after, before, strict=True))
    return Round(
        user=user * 1e6 / load.requests,
        system=system * 1e6 / load.requests,
        commit=grown("commit_seconds_sum") * 1e6 / load.requests,
        lock_wait=grown("lock_wait_seconds_sum") * 1e6 / load.requests,
        posts_in_a_commit=load.requests / grown("commit_seconds_count"),
        sync=sync_median_ms(server.folder) * 1000,
    )


if __name__ == "__main__":
    main()
