"""From samples to figures, and from figures to a table that fits 80 columns."""

import statistics
from dataclasses import dataclass
from typing import Any

# hello is the ceiling; keyed is TicketBoss that asks for API keys and counts requests.
SERVERS = ("hello", "ticketboss", "keyed")
RATIOS = {"to hello": ("ticketboss", "hello"), "with keys": ("keyed", "ticketboss")}
METHODS = ("POST", "GET")
FACTS = ("date", "cpu", "system", "sqlite", "fdatasync", "gunicorn", "load")


@dataclass(frozen=True, slots=True)
class Sample:
    """One server under one method in one round.

    `cpu_us` is what master and workers together spent on a request.
    """

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


# One round: a sample for each (server, method).
Round = dict[tuple[str, str], Sample]


def summarise(rounds: list[Round]) -> dict[str, Any]:
    """By method: medians over the rounds for each server, and what share of what they reach.

    TicketBoss is compared with hello, and with keys it is compared with itself without them.

    The ratios are taken within each round, where both servers met the same machine.
    """
    return {method: _summarise_method(rounds, method) for method in METHODS}


def _summarise_method(rounds: list[Round], method: str) -> dict[str, Any]:
    figures: dict[str, Any] = {
        server: _medians([samples[server, method] for samples in rounds]) for server in SERVERS
    }
    for name, (ours, theirs) in RATIOS.items():
        pairs = [(samples[ours, method], samples[theirs, method]) for samples in rounds]
        figures[name] = _ratios(pairs)
    return figures


def _ratios(pairs: list[tuple[Sample, Sample]]) -> dict[str, float]:
    rates = [ours.requests_per_second / theirs.requests_per_second for ours, theirs in pairs]
    # Shorter than a clock tick is nothing, in a very short round.
    cpus = [ours.cpu_us / theirs.cpu_us if theirs.cpu_us else 0.0 for ours, theirs in pairs]
    return {"rate": statistics.median(rates), "cpu": statistics.median(cpus)}


def _medians(samples: list[Sample]) -> dict[str, float]:
    rates = [sample.requests_per_second for sample in samples]
    return {
        "requests_per_second": statistics.median(rates),
        "requests_per_second_min": min(rates),
        "requests_per_second_max": max(rates),
        "p50_ms": statistics.median(sample.p50_ms for sample in samples),
        "p99_ms": statistics.median(sample.p99_ms for sample in samples),
        "cpu_us": statistics.median(sample.cpu_us for sample in samples),
    }


def table(report: dict[str, Any]) -> str:
    """The report for people; no line of figures is longer than 80 characters."""
    facts = report | report["machine"]
    lines = [f"{name:<10} {facts[name]}" for name in FACTS]
    lines += [
        "",
        f"{'':18}{'per second':>10}  {'(min to max)':<17}{'p50 ms':>8}{'p99 ms':>8}  CPU us",
    ]
    for method in METHODS:
        figures = report["figures"][method]
        lines += [_line(f"{server} {method}", figures[server]) for server in reversed(SERVERS)]
        lines += [_ratio_line(f"{name} {method}", figures[name]) for name in RATIOS]
    lines.append("")
    lines += [f"WRONG: {complaint}" for complaint in report["complaints"]] or [
        f"{report['acknowledged']:,} reservations acknowledged, no request failed, verify clean."
    ]
    return "\n".join(lines)


def _line(label: str, figures: dict[str, float]) -> str:
    low, high = figures["requests_per_second_min"], figures["requests_per_second_max"]
    spread = f"({low:,.0f} to {high:,.0f})"
    return (
        f"{label:<18}{figures['requests_per_second']:>10,.0f}  {spread:<17}"
        f"{figures['p50_ms']:>8.1f}{figures['p99_ms']:>8.1f}{figures['cpu_us']:>8.0f}"
    )


def _ratio_line(label: str, ratios: dict[str, float]) -> str:
    return f"{label:<18}{ratios['rate']:>10.2f}{ratios['cpu']:>43.2f}"
