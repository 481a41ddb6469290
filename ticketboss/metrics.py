"""Metrics for Prometheus, summed over the worker processes.

Each worker writes into files of its own under the folder that PROMETHEUS_MULTIPROC_DIR names, and
whichever worker is asked adds all of them up. The files belong to slots, not to process ids: a
worker that takes a dead one's place goes on with its files, so sums stay right and the number of
files is that of workers which ever ran at the same time.
"""

import fcntl
import os
from collections import Counter as Counted
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from ticketboss.domain.commands import Command, Reserve
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.refusals import EventNotFound
from ticketboss.engine.answers import Accepted, AlreadySo, Answer, CommandRefused, Overloaded
from ticketboss.engine.meter import Meter
from ticketboss.formats import snake_case
from ticketboss.metric_totals import Totals, read_totals
from ticketboss.refusal_counts import Place, RefusalCounts
from ticketboss.repository.interface import Contradiction, OutcomeUnknown, StorageUnavailable

PREFIX = "ticketboss_"
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
COMMIT_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
LOCK_BUCKETS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
# All commands by the names that they are counted under, and the outcomes that alerts look at.
COMMANDS = (
    *("reserve", "hold", "reserve_many", "cancel", "confirm", "change"),
    *("create_event", "change_event", "sweep"),
)
FAILURES = ("overloaded", "outcome_unknown", "storage_unavailable", "internal_error")
ALERTING_STATUSES = (401, 500)
SLOTS_MAX = 1_024


class Metrics(Meter):
    """All metrics of this process, and the sums over all workers."""

    def __init__(self, folder: str | None) -> None:
        """`folder` is shared by all workers of a server; None keeps the counts in this process."""
        self._folder = folder
        self._registry = CollectorRegistry()
        slot = _take_slot(Path(folder)) if folder else ""
        values.ValueClass = _shared_values(slot) if folder else values.MutexValue
        # Beside the metrics: these have no partners in their labels.
        self._refusals = RefusalCounts(folder, slot)
        self._requests = self._counter("requests", "HTTP requests answered", "route", "status")
        self._commands = self._counter("commands", "Commands answered", "command", "outcome")
        self._entries = self._counter("ledger_entries", "Ledger entries written", "kind")
        self._conflicts = self._counter("conflicts", "Plans made again: others were faster")
        self._batch = self._histogram("batch_commands", "Commands in a batch", BATCH_BUCKETS)
        self._commit = self._histogram(
            "commit_seconds", "Commits, with the wait for the write lock", COMMIT_BUCKETS
        )
        self._lock_wait = self._histogram(
            "lock_wait_seconds", "Waits for the write lock, also in vain", LOCK_BUCKETS
        )
        self._queued = Gauge(
            f"{PREFIX}queue_length",
            "Commands that wait for the batch before theirs",
            registry=self._registry,
            multiprocess_mode="sum",
        )
        self._queued.set(0)
        # Prometheus sees no growth in a series that begins with its first failure.
        for command in COMMANDS:
            for outcome in FAILURES:
                self._commands.labels(command, outcome)

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}{name}", documentation, labels, registry=self._registry)

    def _histogram(self, name: str, documentation: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(f"{PREFIX}{name}", documentation, buckets=buckets, registry=self._registry)

    def expect(self, routes: Iterable[str]) -> None:
        """Tell of these routes from the start, with a count of 0 for what alerts look at."""
        for route in routes:
            for status in ALERTING_STATUSES:
                self._requests.labels(route, status)

    def request(self, route: str, status: int) -> None:
        """A request to a route was answered; `route` is a rule and not what was asked for."""
        self._requests.labels(route, status).inc()

    def batch(self, commands: int, queued: int) -> None:
        self._batch.observe(commands)
        self._queued.set(queued)

    def queued(self, commands: int) -> None:
        self._queued.set(commands)

    def answered(self, answers: Sequence[tuple[Command, Answer]]) -> None:
        counts = Counted((_name(command), _outcome(answer)) for command, answer in answers)
        for labels, count in counts.items():
            self._commands.labels(*labels).inc(count)
        refused = Counted(place for place in map(_refused_place, answers) if place is not None)
        if refused:
            self._refusals.add(refused)

    def committed(self, seconds: float, entries: Sequence[LedgerEntry]) -> None:
        self._commit.observe(seconds)
        for kind, count in Counted(entry.kind for entry in entries).items():
            self._entries.labels(kind).inc(count)

    def conflict(self) -> None:
        self._conflicts.inc()

    def lock_wait(self, seconds: float) -> None:
        self._lock_wait.observe(seconds)

    def totals(self) -> Totals:
        """A few sums over all workers, at less cost than `exposition`."""
        return read_totals(self._registry, self._folder)

    def refusals(self) -> Mapping[Place, int]:
        """How often each partner was refused at each event, over all workers."""
        return self._refusals.all()

    def exposition(self, facts: Sequence[Metric]) -> bytes:
        """All metrics in Prometheus' text format, with facts that are only known now."""
        if not self._folder:
            return generate_latest(self._registry) + generate_latest(Facts(facts))
        summed = CollectorRegistry()
        MultiProcessCollector(summed, self._folder)  # type: ignore[no-untyped-call]
        return generate_latest(summed) + generate_latest(Facts(facts))


class Facts:
    """What needs no counting, in the shape of a registry."""

    def __init__(self, facts: Sequence[Metric]) -> None:
        self._facts = facts

    def collect(self) -> Sequence[Metric]:
        """The facts."""
        return self._facts


def gauge(
    name: str, documentation: str, values_by_label: Mapping[str, float], label: str
) -> Metric:
    """A fact with one label."""
    family = GaugeMetricFamily(name, documentation, labels=[label])
    for labelled, value in values_by_label.items():
        family.add_metric([labelled], value)
    return family


def _name(command: Command) -> str:
    if isinstance(command, Reserve) and command.hold_seconds is not None:
        return "hold"
    return snake_case(type(command).__name__)


def _outcome(answer: Answer) -> str:
    match answer:
        case Accepted():
            return "replayed" if answer.replayed else "accepted"
        case AlreadySo():
            return "unchanged"
        case CommandRefused():
            return answer.refusal.code
        case Overloaded():
            return "overloaded"
        case OutcomeUnknown():
            return "outcome_unknown"
        case StorageUnavailable() | Contradiction():
            return "storage_unavailable"
        case _:
            return "internal_error"


def _refused_place(answered: tuple[Command, Answer]) -> Place | None:
    """The event and the partner that got a refusal; None for other answers and unknown events."""
    command, answer = answered
    if not isinstance(answer, CommandRefused) or answer.refusal.code == EventNotFound.code:
        return None
    partner_id = getattr(command, "partner_id", None)
    return None if partner_id is None else (command.event_id, partner_id)


def _shared_values(slot: str) -> type:
    shared: type = values.MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call]
    return shared


def _take_slot(folder: Path) -> str:
    """The first slot that no living process has; the kernel frees it when this one ends."""
    for number in range(SLOTS_MAX):
        # Kept open, and with it the lock, for the life of the process.
        lock = os.open(folder / f"slot-{number}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return f"slot{number}"
    raise RuntimeError(f"More than {SLOTS_MAX} processes write metrics into {folder}.")
