"""Reading what /metrics tells as Prometheus does."""

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

PREFIX = "ticketboss_"


class Exposition:
    """The samples of one scrape; names of samples are given without their common beginning."""

    def __init__(self, text: str) -> None:
        families = list(text_string_to_metric_families(text))
        self.types = {family.name: family.type for family in families}
        assert len(self.types) == len(families), "each metric is told of once"
        self.samples: list[Sample] = [sample for family in families for sample in family.samples]

    def names(self) -> set[str]:
        """The names of all samples."""
        return {sample.name.removeprefix(PREFIX) for sample in self.samples}

    def label_names(self) -> set[str]:
        """The names of all labels."""
        return {name for sample in self.samples for name in sample.labels}

    def value(self, name: str, **labels: str) -> float:
        """The value of the one sample with exactly these labels."""
        (value,) = [sample.value for sample in self._named(name) if sample.labels == labels]
        return value

    def values(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """The values of all samples of a name, by those of their labels."""
        return {
            tuple(sample.labels[label] for label in labels): sample.value
            for sample in self._named(name)
        }

    def counted(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """As `values`, without what has not happened yet."""
        return {labelled: value for labelled, value in self.values(name, *labels).items() if value}

    def total(self, name: str, **labels: str) -> float:
        """The sum over all samples of a name with at least these labels."""
        return sum(
            sample.value for sample in self._named(name) if labels.items() <= sample.labels.items()
        )

    def _named(self, name: str) -> list[Sample]:
        return [sample for sample in self.samples if sample.name == PREFIX + name]
