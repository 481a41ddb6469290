"""The faults of this folder again and again, with figures: `make test-failover`."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import click

from tests.failover.buyers import Acknowledged, Buyers
from tests.failover.checks import complaints
from tests.failover.cluster import Cluster
from tests.failover.commits import CommitProxy
from tests.failover.faults import (
    CLIENTS,
    EVENT_IDS,
    fail_over,
    freeze,
    kill,
    lose_commits,
    partition,
    promote_behind_a_partition,
    put_on_sale,
)
from tests.postgres import PostgresServer, versions
from tests.server import Server
from ticketboss.setting_checks import WORKER_CLASSES

EVENT_ID = EVENT_IDS[0]
WRITES_BEFORE = (5, 200)
PARTITION_SECONDS = 7.0
COMMITS_PER_ROUND = 20
# Of every other fault there is one round for so many primaries that are killed.
KILLS_PER_OTHER = 5
HEAD = "round  acknowledged  asked again  slowest answer  without a write"


class Part:
    """Rounds with one server; each is checked and has a line."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.found: list[str] = []
        self._titles = 0
        self._acknowledged: list[Acknowledged] = []

    def run(self, title: str, rounds: int, run_round: Callable[[str], Buyers]) -> None:
        """Run and check so many rounds; each is given a name for its keys."""
        click.echo(f"\n{title}\n{HEAD}")
        self._titles += 1
        gaps = []
        for number in range(1, rounds + 1):
            buyers = run_round(f"{self._titles}-{number}")
            gaps.append(buyers.longest_gap_seconds())
            self._acknowledged += buyers.acknowledged
            click.echo(
                f"{number:>5}{len(buyers.acknowledged):>14}{len(buyers.interruptions):>13}"
                f"{buyers.slowest_seconds:>14.2f} s{gaps[-1]:>15.2f} s"
            )
            self._check()
        click.echo(
            f"{sum(gaps):.1f} s in all without a successful write: median {median(gaps):.2f} s, "
            f"at most {max(gaps):.2f} s."
        )

    def _check(self) -> None:
        found = complaints(self.server, self._acknowledged)
        for complaint in found:
            click.echo(f"WRONG: {complaint}")
        self.found += found


@contextmanager
def _part(url: str, worker_class: str, command_seconds: int) -> Iterator[Part]:
    settings: dict[str, str | int] = {
        "DATABASE_URL": url,
        "LOG_LEVEL": "critical",
        "TICKETBOSS_WORKER_CLASS": worker_class,
        "TICKETBOSS_COMMAND_SECONDS_MAX": command_seconds,
    }
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), **settings) as server:
        put_on_sale(server, *EVENT_IDS)
        yield Part(server)


def lose_servers(version: int, worker_class: str, rounds: int, others: int, seed: int) -> list[str]:
    """Everything that can happen to a primary and its standby; gives what is wrong."""
    chance = random.Random(seed)
    with Cluster(version) as cluster, _part(cluster.new_database("drop"), worker_class, 5) as part:
        on = (cluster, part.server, EVENT_ID)

        def fail_over_sometime(end: Callable[[Cluster], None], name: str) -> Buyers:
            return fail_over(*on, end, name, writes_before=chance.randint(*WRITES_BEFORE))

        for title, count, end in (
            ("A primary is killed and its standby promoted", rounds, kill),
            ("A primary is frozen and its standby promoted", others, freeze),
        ):
            part.run(title, count, partial(fail_over_sometime, end))
        for title, fault in (
            ("Nothing comes through to the standby", Cluster.link_cut),
            ("The standby stops receiving", Cluster.receiver_stopped),
        ):
            part.run(
                title,
                others,
                partial(partition, cluster, part.server, EVENT_IDS, fault, PARTITION_SECONDS),
            )
        part.run(
            "A standby is promoted while its primary lives on",
            others,
            partial(promote_behind_a_partition, *on, PARTITION_SECONDS),
        )
    return part.found


def lose_commits_in_time(version: int, worker_class: str, rounds: int, seed: int) -> list[str]:
    """Without keys, which would hide a second effect; gives what is wrong."""
    with (
        PostgresServer(version) as database,
        CommitProxy(database.url(), seed, all_told=True) as proxy,
        _part(proxy.url, worker_class, 15) as part,
    ):
        part.run(
            f"Connections break at COMMIT, {COMMITS_PER_ROUND} in each round",
            rounds,
            lambda _: lose_commits(proxy, part.server, COMMITS_PER_ROUND, None),
        )
    return part.found


def lose_commits_for_long(version: int, worker_class: str, rounds: int, seed: int) -> list[str]:
    """Until the deadline has run out, so that clients must ask again; gives what is wrong."""
    with (
        PostgresServer(version) as database,
        CommitProxy(database.url(), seed, all_told=False) as proxy,
        _part(proxy.url, worker_class, 1) as part,
    ):
        part.run(
            f"Connections break or fall silent at COMMIT, {COMMITS_PER_ROUND} in each round",
            rounds,
            partial(lose_commits, proxy, part.server, COMMITS_PER_ROUND),
        )
    return part.found


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=20, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--version", type=click.Choice([str(version) for version in versions()]), default="18"
)
@click.option("--worker-class", type=click.Choice(WORKER_CLASSES), default="gevent")
def main(rounds: int, seed: int, version: str, worker_class: str) -> None:
    """Kill so many primaries under load, and lose a good deal else."""
    started = time.monotonic()
    others = -(-rounds // KILLS_PER_OTHER)
    click.echo(f"PostgreSQL {version}, 2 {worker_class} workers, {CLIENTS} clients, seed {seed}")
    found = lose_servers(int(version), worker_class, rounds, others, seed)
    found += lose_commits_in_time(int(version), worker_class, others, seed)
    found += lose_commits_for_long(int(version), worker_class, others, seed)
    click.echo(f"\n{time.monotonic() - started:.0f} s. ", nl=False)
    if found:
        click.echo(f"{len(found)} things are WRONG, see above.")
        raise SystemExit(1)
    click.echo("After each round: no acknowledged write lost, one effect for")
    click.echo("each key, verify clean.")


if __name__ == "__main__":
    main()
