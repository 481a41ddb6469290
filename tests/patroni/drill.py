"""Lose machines of a Patroni cluster under load, and look whether anything else is lost with them.

Run as `deploy/patroni/local-cluster`; docs/deployment-postgres.md says more.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import click

from tests.failover.buyers import Buyers
from tests.failover.checks import complaints
from tests.patroni.cluster import Cluster, missing_packages
from tests.patroni.machine import Machine
from tests.server import Server

SEATS_ENOUGH_FOR_ALL = 1_000_000
ANSWERS_BETWEEN_FAULTS = 200
FREEZING_SECONDS_MAX = 3.5


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the machine that has this part at the moment."""

    part: Callable[[Cluster], Machine | None]
    what: str
    inflict: Callable[[Cluster, Machine], object]


def _freeze_in_the_middle(_: Cluster, machine: Machine) -> None:
    """Freeze a machine while its Patroni is in the middle of something, as it waits for etcd."""
    machine.freeze("etcd")
    time.sleep(random.uniform(0, FREEZING_SECONDS_MAX))
    machine.freeze()


LEADER, STANDBY = Cluster.leader, Cluster.synchronous_standby
FAULTS = {
    "leader-killed": Fault(LEADER, "Leader: kill -9 of all", lambda _, m: m.kill()),
    "leader-frozen": Fault(LEADER, "Leader: all of it frozen", _freeze_in_the_middle),
    "postgres-killed": Fault(
        LEADER, "Leader: kill -9 of PostgreSQL", lambda _, m: m.kill("postgres")
    ),
    "patroni-killed": Fault(LEADER, "Leader: kill -9 of Patroni", lambda _, m: m.kill("patroni")),
    "standby-killed": Fault(STANDBY, "Synchronous standby: kill -9 of all", lambda _, m: m.kill()),
    "standby-frozen": Fault(
        STANDBY, "Synchronous standby: all of it frozen", _freeze_in_the_middle
    ),
    "switchover": Fault(LEADER, "Leader: told to hand over", lambda c, _: c.switch_over()),
}


def drill(folder: Path, fault: str, rounds: int, clients: int, *, through_haproxy: bool) -> bool:
    """All of it, with the files in `folder`; gives whether all is well."""
    started = time.monotonic()
    with Cluster(folder) as cluster:
        cluster.make_database()
        click.echo(f"Three nodes work together after {time.monotonic() - started:.1f} s.")
        if through_haproxy:
            cluster.start_haproxy()
        server = _server(folder, cluster.url(through_haproxy=through_haproxy), cluster.password)
        server.operate("migrate")
        with server:
            buyers = Buyers(server, clients, "drill")
            found = _rounds(cluster, buyers, fault, rounds)
            found += complaints(server, buyers.acknowledged)
    for complaint in found:
        click.echo(complaint)
    between = ", ".join(f"{times} x {code}" for code, times in sorted(buyers.codes().items()))
    click.echo(
        f"{len(buyers.acknowledged)} writes were acknowledged. Between: {between or 'nothing'}."
    )
    click.echo(f"{time.monotonic() - started:.0f} s in all.")
    return not found


def _rounds(cluster: Cluster, buyers: Buyers, fault: str, rounds: int) -> list[str]:
    """All rounds under load; gives what went wrong in them."""
    try:
        with buyers:
            pauses = [_round(cluster, buyers, fault) for _ in range(rounds)]
    except AssertionError as error:
        return [str(error)]
    click.echo(f"The longest time without a successful write: {max(pauses):.1f} s.")
    return []


def _round(cluster: Cluster, buyers: Buyers, fault: str) -> float:
    """One fault and the way back; gives the seconds without a successful write."""
    part = FAULTS[fault].part
    _wait_for_more(cluster, buyers)
    hit = part(cluster)
    assert hit is not None
    click.echo(f"{FAULTS[fault].what} ({hit.name}).")
    started = time.monotonic()
    FAULTS[fault].inflict(cluster, hit)
    cluster.wait_until(lambda: part(cluster) not in (None, hit), "nobody has taken over")
    successor = part(cluster)
    click.echo(
        f"{successor.name if successor else 'Nobody'} has taken its place after"
        f" {time.monotonic() - started:.1f} s."
    )
    _wait_for_more(cluster, buyers)
    pause = _longest_pause_since(started, buyers)
    click.echo(f"No write got through for {pause:.1f} s.")
    started = time.monotonic()
    cluster.restore(hit)
    click.echo(f"{hit.name} is back after {time.monotonic() - started:.1f} s.")
    return pause


def _wait_for_more(cluster: Cluster, buyers: Buyers) -> None:
    goal = len(buyers.acknowledged) + ANSWERS_BETWEEN_FAULTS
    cluster.wait_until(lambda: len(buyers.acknowledged) >= goal, "no write gets through")


def _longest_pause_since(moment: float, buyers: Buyers) -> float:
    """In seconds; one that had begun before `moment` (monotonic seconds) counts as a whole."""
    times = sorted(done.at for done in buyers.acknowledged)
    return max(later - earlier for earlier, later in pairwise(times) if later >= moment)


def _server(folder: Path, url: str, password: str) -> Server:
    """A TicketBoss whose URL has no password: libpq finds it in a file."""
    path = folder / "pgpass"
    path.touch(mode=0o600)
    path.write_text(f"*:*:ticketboss:ticketboss:{password}\n")
    # For the checks in this process; the server has an environment of its own.
    os.environ["PGPASSFILE"] = str(path)
    return Server(
        folder,
        DATABASE_URL=url,
        PGPASSFILE=str(path),
        TICKETBOSS_DEFAULT_EVENT_SEATS=SEATS_ENOUGH_FOR_ALL,
    )


@click.command()
@click.option(
    "--fault",
    type=click.Choice(list(FAULTS)),
    default="leader-killed",
    show_default=True,
    help="What happens to which machine. A frozen one goes on when another has taken over.",
)
@click.option(
    "--connect",
    type=click.Choice(["haproxy", "hosts"]),
    default="haproxy",
    show_default=True,
    help="Through HAProxy, or to all three nodes with target_session_attrs=read-write.",
)
@click.option("--rounds", default=1, show_default=True, type=click.IntRange(1, 100))
@click.option("--clients", default=8, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="An empty folder for all files, which stay; else one that goes when all is well.",
)
def main(fault: str, connect: str, rounds: int, clients: int, folder: Path | None) -> None:
    """Make a cluster of three nodes on this machine, let one fail under load, check the ledger.

    Needs root, which then becomes postgres, or a user that is allowed to run PostgreSQL. Ends
    with status 1 if anything that was acknowledged is lost.
    """
    if missing := missing_packages():
        sys.exit(f"These Debian packages are missing: {' '.join(missing)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped by SIGTERM."))
    scratch = folder or Path(tempfile.mkdtemp(prefix="ticketboss-patroni-"))
    scratch.mkdir(exist_ok=True)
    scratch.chmod(0o755)
    click.echo(f"All files are in {scratch}.")
    try:
        is_well = drill(scratch, fault, rounds, clients, through_haproxy=connect == "haproxy")
    except AssertionError as error:
        click.echo(error)
        is_well = False
    if is_well and folder is None:
        shutil.rmtree(scratch)
    click.echo("All is well." if is_well else f"Something is wrong; the logs are in {scratch}.")
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
