"""The figures of a run in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.samples import Column, Figure, Round, figure
from benchmarks.targets import Target
from benchmarks.workloads import Workload


@dataclass(frozen=True, slots=True)
class Run:
    """All that is known of a run."""

    facts: Mapping[str, str]
    workloads: Sequence[Workload]
    rounds: Sequence[Round]
    targets: Sequence[Target]
    left_out: Mapping[str, str]
    acknowledged: int
    complaints: Sequence[str]


def markdown(run: Run) -> str:
    """The whole report; the chart stands beside it as an SVG."""
    return "\n".join(
        [
            "# Results of `make bench`",
            "",
            *listed(run.facts),
            *(f"- Left out: {name}, because {why}." for name, why in run.left_out.items()),
            "",
            *_verdict(run),
            "",
            "## Targets",
            "",
            "Each is the median of the ratios of the rounds.",
            "",
            *target_table(run.targets),
            "",
            "## Figures",
            "",
            "Medians over the rounds, with the smallest and the largest. CPU µs is what all",
            "processes of a server together used for one request. With FULL the disk is synced",
            "before an answer, as TicketBoss always does; with NORMAL a power cut takes",
            "acknowledged reservations away.",
            *(line for workload in run.workloads for line in _table(run, workload)),
            "",
        ]
    )


def _verdict(run: Run) -> Iterator[str]:
    if run.complaints:
        yield from (f"**WRONG: {complaint}**" for complaint in run.complaints)
    else:
        yield (
            f"{run.acknowledged:,} reservations acknowledged by TicketBoss, no request to it "
            f"failed, nobody lost or over-sold any, `verify` clean."
        )


def listed(facts: Mapping[str, str]) -> Iterator[str]:
    """What the figures cannot be read without."""
    yield from (f"- {name}: {fact}" for name, fact in facts.items())


def target_table(targets: Sequence[Target]) -> Iterator[str]:
    """Each with what was reached."""
    yield "| target | wanted | reached | (min to max) | met |"
    yield "|---|---|---:|---:|---|"
    for target in targets:
        reached = target.reached
        if reached is None:
            yield f"| {target.name} | {target.wanted} | not measured | | |"
        else:
            spread = f"{reached.low:.2f} to {reached.high:.2f}"
            met = "yes" if target.is_met else "no"
            yield f"| {target.name} | {target.wanted} | {reached.median:.2f} | {spread} | {met} |"


def _table(run: Run, workload: Workload) -> Iterator[str]:
    yield from ("", f"### {workload.title}", "")
    yield f"| | {' | '.join(_headings(workload.columns))} |"
    yield "|---|" + "---:|" * len(list(_headings(workload.columns)))
    for name in workload.contenders:
        figures = [
            (column, figure(run.rounds, workload.key, name, column.key))
            for column in workload.columns
        ]
        if any(each for _, each in figures):
            cells = [cell for column, each in figures for cell in _cells(column, each)]
            yield f"| {name} | {' | '.join(cells)} |"


def _headings(columns: Sequence[Column]) -> Iterator[str]:
    for column in columns:
        yield column.heading
        if column.spread:
            yield "(min to max)"


def _cells(column: Column, each: Figure | None) -> Iterator[str]:
    digits = column.digits
    if each is None:
        yield from ("", "") if column.spread else ("",)
        return
    yield f"{each.high if column.worst else each.median:,.{digits}f}"
    if column.spread:
        yield f"{each.low:,.{digits}f} to {each.high:,.{digits}f}"
