"""The report as one HTML file that needs nothing else: no script, and nothing from elsewhere."""

import math
from collections.abc import Iterator
from html import escape

from ticketboss.formats import rfc3339
from ticketboss.rehearsal.charts import Series, bars, lines
from ticketboss.rehearsal.errands import UNKNOWN
from ticketboss.rehearsal.findings import SENDING, Findings, rows
from ticketboss.rehearsal.profile import Profile

BARS_MAX = 60
STYLE = """
:root { color-scheme: light dark; --ink: #1c2128; --soft: #59636e; --paper: #fff; --rule: #d5dae0;
  --yes: #1a7f37; --no: #9a6700; --unknown: #cf222e; --blue: #0969da; --grey: #6e7781 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --paper: #10151b;
  --rule: #333c47; --yes: #3fb950; --no: #d29922; --unknown: #ff7b72; --blue: #58a6ff;
  --grey: #8b949e } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 56rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { margin: .4rem 0 } .soft { color: var(--soft) }
.verdict { margin: 1rem 0; padding: .6rem 1rem; border-left: .4rem solid var(--yes) }
.verdict.broken { border-color: var(--unknown) }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .2rem 1rem .2rem 0; text-align: left; border-bottom: 1px solid var(--rule) }
td.number, th.number { text-align: right; white-space: nowrap }
figure { margin: 2rem 0; overflow-x: auto } figcaption { font-weight: 600 }
ul { list-style: none; margin: .2rem 0; padding: 0; display: flex; gap: 1.2rem; flex-wrap: wrap;
  color: var(--soft) }
ul.broken { display: block; color: inherit }
li span { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem }
svg { width: 100%; min-width: 34rem; height: auto; font: 12px system-ui, sans-serif }
text { fill: var(--soft) } .middle { text-anchor: middle } .end { text-anchor: end }
.grid { stroke: var(--rule) } .line { fill: none; stroke-width: 2 }
.bar.yes { fill: var(--yes) } .bar.no { fill: var(--no) } .bar.unknown { fill: var(--unknown) }
.line.blue { stroke: var(--blue) } .line.grey { stroke: var(--grey); stroke-dasharray: 5 4 }
span.yes { background: var(--yes) } span.no { background: var(--no) }
span.unknown { background: var(--unknown) } span.blue { background: var(--blue) }
span.grey { background: var(--grey) }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(findings: Findings, ended_ms: int) -> str:
    """The whole report; everything in it that came from the server is escaped.

    `ended_ms` is when it ended, in milliseconds since 1970, UTC.
    """
    event = findings.evidence.after
    when = f"Over at {rfc3339(ended_ms)}, seed {findings.profile.seed}."
    about = f"{event.name} ({event.event_id}), {event.total_seats} seats. {shape(findings.profile)}"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Rehearsal of {escape(event.event_id)}</title><style>{STYLE}</style></head>",
            "<body><main><h1>How the rehearsal went</h1>",
            f'<p class="soft">{escape(about)} {when}</p>',
            _verdict(findings),
            "<h2>What happened</h2>",
            _counts(findings),
            "<h2>How long they waited</h2>",
            _waits(findings),
            _charts(findings),
            "</main></body></html>\n",
        ]
    )


def shape(profile: Profile) -> str:
    """The drop that was asked for, in words."""
    if profile.rate is not None:
        comes = f"{profile.rate:g} a second"
    elif profile.burst_seconds:
        comes = f"a burst that decays with a mean of {profile.burst_seconds:g} s"
    else:
        comes = "all at once"
    sizes = ", ".join(str(size) for size in sorted(profile.group_sizes))
    crowd = "one partner" if profile.partners == 1 else f"{profile.partners} partners"
    words = [f"{profile.wishes} requests from {crowd}, {comes}, {sizes} seats each"]
    if profile.hold_share:
        words.append(
            f"{profile.hold_share:.0%} hold first, and {profile.confirm_share:.0%} of these confirm"
        )
    if profile.cancel_share:
        words.append(f"{profile.cancel_share:.0%} of what is confirmed is cancelled")
    if profile.repeat_share:
        words.append(f"{profile.repeat_share:.0%} of the successes are asked for twice")
    if profile.kills:
        words.append(f"{profile.kills} workers are killed")
    return "; ".join(words) + "."


def _verdict(findings: Findings) -> str:
    if not findings.broken:
        return '<p class="verdict"><strong>Every promise was kept.</strong></p>'
    found = "".join(f"<li>{escape(line)}</li>" for line in findings.broken)
    heading = "<strong>Promises were broken.</strong>"
    return f'<div class="verdict broken">{heading}<ul class="broken">{found}</ul></div>'


def _counts(findings: Findings) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="number">{escape(count)}</td>'
        f"<td>{escape(more)}</td></tr>"
        for name, count, more in rows(findings)
    )
    return f'<div class="scroll"><table>{body}</table></div>'


def _waits(findings: Findings) -> str:
    heads = "".join(
        f'<th scope="col" class="number">{head}</th>'
        for head in ("Requests", "p50 ms", "p95 ms", "p99 ms", "Longest ms")
    )
    body = ""
    for name, each in findings.latencies().items():
        figures = (each.p50_ms, each.p95_ms, each.p99_ms, each.max_ms)
        texts = [str(each.count), *(f"{figure:,.1f}" for figure in figures)]
        cells = "".join(f'<td class="number">{text}</td>' for text in texts)
        body += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    note = (
        "Times count from the moment at which a request was meant to be sent, so that those which "
        f"a stalled server held up count in full. The last row, {SENDING}, is what leaving that "
        "out would have shown (Gil Tene's “coordinated omission”)."
    )
    return (
        f'<div class="scroll"><table><tr><th scope="col">Asked to</th>{heads}</tr>{body}</table>'
        f'</div><p class="soft">{escape(note)}</p>'
    )


def _charts(findings: Findings) -> str:
    return "\n".join([*_answers(findings), *_seats(findings), *_shares(findings)])


def _answers(findings: Findings) -> Iterator[str]:
    if not findings.first:
        return
    longest = max(told.ended_seconds for told in findings.first)
    width = max(longest / BARS_MAX, 0.001)
    count = math.floor(longest / width) + 1
    heights = {name: [0.0] * count for name in ("yes", "no", "unknown")}
    for told in findings.first:
        name = "yes" if told.is_accepted else "unknown" if told.code == UNKNOWN else "no"
        heights[name][math.floor(max(told.ended_seconds, 0.0) / width)] += 1
    names = {"yes": "created", "no": "refused", "unknown": "without an answer"}
    series = [
        Series(names[name], name, [(place * width, up) for place, up in enumerate(column)])
        for name, column in heights.items()
    ]
    kills = ", ".join(f"{seconds:.2f}" for seconds in findings.course.kills)
    label = f"seconds after T-0; workers killed at {kills}" if kills else "seconds after T-0"
    yield bars("Answers to requests for seats", label, series, width)


def _seats(findings: Findings) -> Iterator[str]:
    entries = findings.evidence.entries
    if not entries:
        return
    begin = min(entry.at for entry in entries)
    points = [(0.0, float(findings.evidence.before.available_seats))]
    points += [
        ((entry.at - begin).total_seconds(), float(entry.available_seats)) for entry in entries
    ]
    series = [Series("seats available", "blue", points)]
    label = "seconds after the first change, by the server's clock"
    yield lines("Seats left", label, series, steps=True)


def _shares(findings: Findings) -> Iterator[str]:
    told = findings.course.told
    if not told:
        return
    intended = sorted(each.took_ms for each in told)
    sent = sorted(each.took_ms_from_sending for each in told)
    series = [
        Series(name, css_class, [(0.0, 0.0), *_share(times)])
        for name, css_class, times in (
            ("from the intended sending", "blue", intended),
            (SENDING, "grey", sent),
        )
    ]
    yield lines("Percent answered within a time", "milliseconds", series)


def _share(times: list[float]) -> Iterator[tuple[float, float]]:
    return ((time, 100 * (place + 1) / len(times)) for place, time in enumerate(times))
