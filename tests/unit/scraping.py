"""Reading an exposition as Prometheus does."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


class Scrape:
    """The samples of one exposition."""

    def __init__(self, exposition: bytes) -> None:
        families = list(text_string_to_metric_families(exposition.decode()))
        self.types = {family.name: family.type for family in families}
        assert len(self.types) == len(families), "each metric is told of once"
        self.samples: list[Sample] = [sample for family in families for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The value of the one sample with these labels; `ticketboss_` is left out of the name."""
        (value,) = [sample.value for sample in self._named(name) if sample.labels == labels]
        return value

    def values(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """The values of all samples of a name, by those of their labels."""
        return {
            tuple(sample.labels[label] for label in labels): sample.value
            for sample in self._named(name)
        }

    def label_values(self) -> Iterator[str]:
        """Every value of every label."""
        for sample in self.samples:
            yield from sample.labels.values()

    def _named(self, name: str) -> list[Sample]:
        return [sample for sample in self.samples if sample.name == f"ticketboss_{name}"]
