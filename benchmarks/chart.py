"""The first column of each table as horizontal bars, in SVG."""

from collections.abc import Iterator
from html import escape

from benchmarks.report import Run
from benchmarks.samples import Column, Figure, figure
from benchmarks.workloads import Workload

WIDTH = 860
LABEL_WIDTH = 190
VALUE_WIDTH = 190
BAR_HEIGHT, ROW_HEIGHT, TITLE_HEIGHT, GAP = 14, 20, 30, 16
MARGIN = 20
OURS_COLOUR, HELLO_COLOUR, PEER_COLOUR = "#1f6feb", "#c4c9d0", "#8a94a3"
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1c2128 }
  .title { font-size: 14px; font-weight: 600 } .small { fill: #59636e }
"""

Row = tuple[str, Figure]


def svg(run: Run) -> str:
    """A panel of bars for each workload; thin lines show the smallest and the largest round."""
    parts, top = [], MARGIN
    for workload in run.workloads:
        rows = list(_rows(run, workload))
        if rows:
            parts += list(_panel(workload.title, workload.columns[0], rows, top))
            top += TITLE_HEIGHT + ROW_HEIGHT * len(rows) + GAP
    facts = ", ".join(run.facts.values())
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" role="img">',
            f"<title>Results of make bench</title><desc>{escape(facts)}</desc>",
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _rows(run: Run, workload: Workload) -> Iterator[Row]:
    for name in workload.contenders:
        each = figure(run.rounds, workload.key, name, workload.columns[0].key)
        if each is not None:
            yield name, each


def _panel(title: str, column: Column, rows: list[Row], top: int) -> Iterator[str]:
    longest = max(each.high for _, each in rows)
    scale = (WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH) / longest
    left = MARGIN + LABEL_WIDTH
    yield (
        f'<text class="title" x="{MARGIN}" y="{top + 14}">{escape(title)}'
        f'<tspan class="small" font-weight="400" dx="8">{escape(column.heading)}</tspan></text>'
    )
    for number, (name, each) in enumerate(rows):
        y = top + TITLE_HEIGHT + ROW_HEIGHT * number
        middle, base = y + BAR_HEIGHT / 2, y + BAR_HEIGHT - 3
        yield f'<text x="{left - 8}" y="{base}" text-anchor="end">{escape(name)}</text>'
        yield (
            f'<rect x="{left}" y="{y}" width="{each.median * scale:.1f}" height="{BAR_HEIGHT}" '
            f'fill="{_colour(name)}"/>'
        )
        yield (
            f'<path d="M{left + each.low * scale:.1f} {middle}H{left + each.high * scale:.1f}" '
            f'stroke="#1c2128"/>'
        )
        spread = f"{each.low:,.0f} to {each.high:,.0f}" if each.low < each.high else ""
        yield (
            f'<text x="{left + each.high * scale + 8:.1f}" y="{base}">{each.median:,.0f}'
            f'<tspan class="small" dx="6">{spread}</tspan></text>'
        )


def _colour(name: str) -> str:
    if name.startswith(("TicketBoss", "engine")):
        return OURS_COLOUR
    return HELLO_COLOUR if name in ("hello", "SQLite, 16 rows") else PEER_COLOUR
