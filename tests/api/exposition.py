"""What /metrics tells, as numbers."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

PREFIX = "ticketboss_"


class Exposition:
    """The samples of one scrape; names are given without their common beginning."""

    def __init__(self, text: str) -> None:
        self.samples: list[Sample] = [
            sample for family in text_string_to_metric_families(text) for sample in family.samples
        ]

    def names(self) -> set[str]:
        """The names of all samples."""
        return {sample.name.removeprefix(PREFIX) for sample in self.samples}

    def label_names(self) -> set[str]:
        """The names of all labels."""
        return {name for sample in self.samples for name in sample.labels}

    def values(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """The values of a metric by these labels."""
        return {
            tuple(sample.labels[label] for label in labels): sample.value
            for sample in self._named(name)
        }

    def total(self, name: str, **labels: str) -> float:
        """The sum of a metric over all samples with these labels."""
        return sum(
            sample.value for sample in self._named(name) if labels.items() <= sample.labels.items()
        )

    def _named(self, name: str) -> Iterator[Sample]:
        return (sample for sample in self.samples if sample.name == PREFIX + name)
