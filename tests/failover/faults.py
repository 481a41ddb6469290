"""What goes wrong while partners buy; behind each fault the cluster is whole again."""

import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from itertools import cycle

from tests.concurrency.background import Background
from tests.concurrency.clients import Client
from tests.concurrency.watching import assert_stays, wait_until
from tests.failover.buyers import Buyers
from tests.failover.cluster import Cluster
from tests.failover.commits import CommitProxy
from tests.server import Server
from ticketboss.domain.commands import CreateEvent
from ticketboss.engine.committer import Committer
from ticketboss.repository import open_repository

# For faults that keep all others of their event waiting.
EVENT_IDS = [f"drop-{number}" for number in range(4)]
CLIENTS = 8
SEATS_ENOUGH_FOR_ALL = 1_000_000
# Between two faults, and behind the last one.
WRITES = 20
READ_PAUSE_SECONDS = 0.01
# For two looks at each of 24 events; if each waited for a commit's deadline, it would be 25 s.
READS_SECONDS_MAX = 8.0


class Readers(Background):
    """Look at some events in turn again and again while the block lasts, and never in vain."""

    def __init__(self, server: Server, event_ids: Sequence[str]) -> None:
        super().__init__(2)
        self._server = server
        self._event_ids = event_ids
        # Their latest versions that anybody was told.
        self.versions: dict[str, int] = {}
        self._answers = 0

    def wait_for_more(self) -> None:
        """Return when every event was looked at after the call."""
        goal = self._answers + 2 * len(self._event_ids) + 2
        wait_until(lambda: self._answers >= goal, "the reads came to a halt", READS_SECONDS_MAX)

    def _run(self, _: int) -> None:
        turns = cycle(self._event_ids)
        with Client(self._server.url) as client:
            while not self._stopping.wait(READ_PAUSE_SECONDS):
                event_id = next(turns)
                answer = client.get(f"/events/{event_id}")
                assert answer.status_code == 200, answer.text
                version: int = answer.json()["version"]
                self.versions[event_id] = max(version, self.versions.get(event_id, 0))
                self._answers += 1


def put_on_sale(server: Server, *event_ids: str) -> None:
    """Create events with seats for everybody."""
    with closing(open_repository(server.environment["DATABASE_URL"])) as repository:
        committer = Committer(repository, command_seconds_max=10, queue_length_max=1)
        for event_id in event_ids:
            committer.submit(
                CreateEvent(
                    event_id=event_id,
                    name=event_id,
                    total_seats=SEATS_ENOUGH_FOR_ALL,
                    seats_per_reservation_max=10,
                )
            )


def kill(cluster: Cluster) -> None:
    """The primary's machine loses its power."""
    cluster.primary.kill()


def freeze(cluster: Cluster) -> None:
    """The primary's machine goes on taking connections, and answers nothing any more."""
    cluster.primary.signal_all(signal.SIGSTOP)


def fail_over(
    cluster: Cluster,
    server: Server,
    event_id: str,
    end: Callable[[Cluster], None],
    name: str = "key",
    writes_before: int = WRITES,
) -> Buyers:
    """Let the primary end under load, promote the standby, and make a new one."""
    with Buyers(server, CLIENTS, name, [event_id]) as buyers:
        buyers.wait_for_more(writes_before)
        end(cluster)
        cluster.promote()
        buyers.wait_for_more(WRITES)
        cluster.throw_primary_away()
        cluster.add_standby()
        buyers.wait_for_more(WRITES)
    return buyers


def partition(
    cluster: Cluster,
    server: Server,
    event_ids: Sequence[str],
    fault: Callable[[Cluster], AbstractContextManager[None]],
    seconds: float,
    name: str = "key",
) -> Buyers:
    """Keep the standby from its primary: reads go on, and no write is acknowledged."""
    clients = max(CLIENTS, len(event_ids))
    with Readers(server, event_ids) as readers, Buyers(server, clients, name, event_ids) as buyers:
        buyers.wait_for_more(WRITES)
        with fault(cluster):
            cluster.wait_until_commits_are_stuck()
            readers.wait_for_more()
            # A commit that waits is not to be seen; what was acknowledged would be later still.
            versions = dict(readers.versions)
            assert_stays(
                lambda: all(
                    done.version <= versions[done.event_id] for done in buyers.acknowledged
                ),
                "a write was acknowledged that the standby does not have",
                seconds,
            )
            readers.wait_for_more()
        buyers.wait_for_more(WRITES)
    return buyers


def promote_behind_a_partition(
    cluster: Cluster, server: Server, event_id: str, seconds: float, name: str = "key"
) -> Buyers:
    """Promote the standby while its primary lives on, which must tell nobody of a write then."""
    with Buyers(server, CLIENTS, name, [event_id]) as buyers:
        buyers.wait_for_more(WRITES)
        with cluster.link_cut():
            cluster.wait_until_commits_are_stuck()
            cluster.promote()
            assert_stays(
                lambda: cluster.stuck_commits() > 0, "the old primary has committed", seconds
            )
            cluster.throw_primary_away()
        buyers.wait_for_more(WRITES)
        cluster.add_standby()
        buyers.wait_for_more(WRITES)
    return buyers


def lose_commits(proxy: CommitProxy, server: Server, count: int, name: str | None) -> Buyers:
    """Lose so many COMMITs, or their answers, under load on all of EVENT_IDS."""
    goal = len(proxy.faults) + count
    with Buyers(server, CLIENTS, name, EVENT_IDS) as buyers:
        buyers.wait_for_more(WRITES)
        proxy.arm(count)
        buyers.wait_until(lambda: len(proxy.faults) == goal, "too few COMMITs came by")
        buyers.wait_for_more(WRITES)
    return buyers
