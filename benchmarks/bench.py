"""Everything side by side on one machine: TicketBoss, its peers, and the ceiling of its shape.

Run as `make bench` or `python -m benchmarks.bench`; benchmarks/README.md says how to read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic

import click

from benchmarks.catalogue import QUICK, QUICK_SECONDS_MAX, WHOLE, Scale, workloads
from benchmarks.chart import svg
from benchmarks.load import require_wrk
from benchmarks.machine import describe
from benchmarks.output import Form, output_option
from benchmarks.report import Run, markdown
from benchmarks.rig import Rig, running
from benchmarks.samples import Round
from benchmarks.servers import CONTENDERS, WORKERS, available
from benchmarks.targets import targets
from benchmarks.versions import at_start, of_peers
from benchmarks.workloads import Workload
from ticketboss.setting_checks import WORKER_CLASSES

WORKER_CLASS = "gevent"
LOG_LEVEL = "info"
ALL = ("all",)
OFFICIAL = {
    **asdict(WHOLE),
    "only": ALL,
    "worker class": WORKER_CLASS,
    "log level": LOG_LEVEL,
}


def chosen(scale: Scale, only: Sequence[str]) -> list[Workload]:
    """The workloads of a run; with `only` those whose keys begin so."""
    found = [each for each in workloads(scale) if not only or each.key.startswith(tuple(only))]
    if not found:
        keys = ", ".join(each.key for each in workloads(scale))
        raise click.UsageError(f"No workload begins so; there are {keys}.")
    return found


def run_round(rig: Rig, number: int, wanted: Sequence[Workload], seconds: float) -> Round:
    """Have all take their turns; every second round goes the other way about."""
    samples: Round = {}
    for workload in wanted:
        names = [
            name for name in workload.contenders if name in rig.servers or name not in CONTENDERS
        ]
        for name in names if number % 2 == 0 else reversed(names):
            samples[workload.key, name] = workload.sample(rig, name, seconds)
        click.echo(f"  {workload.title}", err=True)
    return samples


@click.command()
@click.option("--quick", is_flag=True, help="One round, a second for each figure, small events.")
@click.option(
    "--rounds", type=click.IntRange(1), help=f"{WHOLE.rounds}, or {QUICK.rounds} if quick."
)
@click.option("--seconds", type=click.IntRange(1), help="Per figure: 4, or 1 if quick.")
@click.option("--only", multiple=True, help="Workloads whose key begins so, like post or get-0.")
@click.option("--worker-class", type=click.Choice(WORKER_CLASSES), default=WORKER_CLASS)
@click.option("--log-level", default=LOG_LEVEL, show_default=True, help="Of TicketBoss.")
@output_option
def main(
    quick: bool,
    rounds: int | None,
    seconds: int | None,
    only: tuple[str, ...],
    worker_class: str,
    log_level: str,
    output: Path | None,
) -> None:
    """Measure everything side by side, and write a table and a chart."""
    require_wrk()
    scale = QUICK if quick else WHOLE
    scale = replace(scale, rounds=rounds or scale.rounds, seconds=seconds or scale.seconds)
    names = {"only": only or ALL, "worker class": worker_class, "log level": log_level}
    form = Form({**asdict(scale), **names}, OFFICIAL)
    form.require_folder(output)
    gunicorn = {"TICKETBOSS_WORKER_CLASS": worker_class, "LOG_LEVEL": log_level}
    facts = {**at_start(), "peers": of_peers(), "settings": form.told}
    started = monotonic()
    run = measure(scale, only, gunicorn, facts)
    seconds_taken = monotonic() - started
    run = replace(run, facts={**run.facts, "took": f"{seconds_taken:,.0f} s"})
    stem = form.folder(output, is_sound=not run.complaints and not run.left_out) / "bench"
    stem.with_suffix(".md").write_text(markdown(run))
    stem.with_suffix(".svg").write_text(svg(run))
    click.echo(markdown(run))
    click.echo(f"Written to {stem}.md and {stem}.svg after {seconds_taken:,.0f} s.")
    if quick and seconds_taken > QUICK_SECONDS_MAX:
        click.echo(f"That is more than the {QUICK_SECONDS_MAX} s it should take.", err=True)
    if run.complaints:
        raise SystemExit(1)


def measure(
    scale: Scale, only: Sequence[str], gunicorn: Mapping[str, str], facts: Mapping[str, str]
) -> Run:
    """Start what can be measured here, measure it, and see whether all is well afterwards."""
    wanted = chosen(scale, only)
    asked = {name for workload in wanted for name in workload.contenders}
    names, left_out = available([name for name in CONTENDERS if name in asked])
    for name, why in left_out.items():
        click.echo(f"Left out: {name}, because {why}.", err=True)
    read = [size for size in scale.sizes if f"get-{size}" in {each.key for each in wanted}]
    with running(names, read, **gunicorn) as rig:
        machine = _facts(rig, f"wrk, {scale.rounds} rounds of {scale.seconds} s", gunicorn)
        rig.warm_up()
        samples, miscounts = [], list[str]()
        for number in range(scale.rounds):
            click.echo(f"Round {number + 1} of {scale.rounds}", err=True)
            samples.append(run_round(rig, number, wanted, scale.seconds))
            miscounts = rig.miscounts()
            if miscounts:
                break
        return Run(
            facts={**facts, **machine},
            workloads=wanted,
            rounds=samples,
            targets=targets(samples, scale.sizes),
            left_out=left_out,
            complaints=[*miscounts, *rig.complaints()],
            acknowledged=rig.acknowledged,
        )


def _facts(rig: Rig, load: str, gunicorn: Mapping[str, str]) -> dict[str, str]:
    return {
        **describe(rig.folder),
        "gunicorn": f"{WORKERS} {gunicorn['TICKETBOSS_WORKER_CLASS']} workers, "
        f"log level {gunicorn['LOG_LEVEL']}",
        "load": load,
    }


if __name__ == "__main__":
    main()
