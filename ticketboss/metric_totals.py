"""A few sums over the worker processes, read often and at little cost.

The whole of `/metrics` costs as much as many requests: here only what is asked for is read.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.mmap_dict import MmapedDict

NAMES = ("ticketboss_commit_seconds", "ticketboss_batch_commands", "ticketboss_conflicts")
KINDS = ("counter", "histogram")

Sample = tuple[str, float]


@dataclass(slots=True)
class Totals:
    """What all workers have counted since the server started."""

    commits: float = 0
    commit_seconds: float = 0
    batches: float = 0
    batch_commands: float = 0
    conflicts: float = 0


def read_totals(registry: CollectorRegistry, folder: str | None) -> Totals:
    """The sums of all workers that share a folder, or without one of this process."""
    totals = Totals()
    for name, value in _of_files(Path(folder)) if folder else _of_process(registry):
        match name:
            case "ticketboss_commit_seconds_count":
                totals.commits += value
            case "ticketboss_commit_seconds_sum":
                totals.commit_seconds += value
            case "ticketboss_batch_commands_count":
                totals.batches += value
            case "ticketboss_batch_commands_sum":
                totals.batch_commands += value
            case "ticketboss_conflicts_total":
                totals.conflicts += value
    return totals


def _of_process(registry: CollectorRegistry) -> Iterator[Sample]:
    for metric in registry.collect():
        if metric.name in NAMES:
            for sample in metric.samples:
                yield sample.name, sample.value


def _of_files(folder: Path) -> Iterator[Sample]:
    # As the library writes its keys: JSON of the metric's name, the sample's, its labels.
    wanted = tuple(f'["{name}"' for name in NAMES)
    for kind in KINDS:
        for file in folder.glob(f"{kind}_*.db"):
            read = MmapedDict.read_all_values_from_file(str(file))  # type: ignore[no-untyped-call]
            for key, value, _, _ in read:
                if key.startswith(wanted):
                    _, name, *_ = json.loads(key)
                    # In a file each bucket counts for itself, so that their sum is the count.
                    yield name.replace("_bucket", "_count"), value
