"""Charts in SVG, without a script: bars over time, steps, and the share that was answered."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 32, 12, 40
TICKS_ABOUT = 5
POINTS_MAX = 1_000

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of bars; `css_class` says which colour."""

    name: str
    css_class: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value, 0 to `largest`, to a place on the chart."""

    largest: float
    start: float
    end: float

    def __call__(self, number: float) -> float:
        return self.start + (self.end - self.start) * number / self.largest


def ticks(largest: float) -> list[float]:
    """Round numbers from 0 up to the first one that is not less than `largest`."""
    if largest <= 0:
        return [0.0, 1.0]
    raw = largest / TICKS_ABOUT
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
    return [number * step for number in range(math.ceil(largest / step - 1e-9) + 1)]


def lines(title: str, x_label: str, series: Sequence[Series], *, steps: bool = False) -> str:
    """Lines over one axis; `steps`: a value lasts until the next one."""
    x_ticks, y_ticks = _ticks_of(series)
    x, y = _scales(x_ticks, y_ticks)
    parts = []
    for each in series:
        points = _thinned(each.points)
        places = [f"{x(across):.1f} {y(up):.1f}" for across, up in points]
        if steps:
            ends = [across for across, _ in points[1:]]
            places = [
                part
                for place, end, (_, up) in zip(places, [*ends, points[-1][0]], points, strict=True)
                for part in (place, f"{x(end):.1f} {y(up):.1f}")
            ]
        parts.append(f'<path class="line {each.css_class}" d="M{"L".join(places)}"/>')
    return _chart(title, x_label, series, (x_ticks, y_ticks), parts)


def bars(title: str, x_label: str, series: Sequence[Series], width: float) -> str:
    """Bars on top of each other, one for each x; each stands for `width` of the axis from there.

    All series have the same x, in order.
    """
    xs = [across for across, _ in series[0].points]
    sums = [sum(each.points[place][1] for each in series) for place in range(len(xs))]
    x_ticks, y_ticks = ticks(xs[-1] + width), ticks(max(sums))
    x, y = _scales(x_ticks, y_ticks)
    bases = [0.0] * len(xs)
    parts = []
    for each in series:
        for place, (across, up) in enumerate(each.points):
            if up:
                bottom, top = y(bases[place]), y(bases[place] + up)
                parts.append(
                    f'<rect class="bar {each.css_class}" x="{x(across):.1f}" y="{top:.1f}" '
                    f'width="{max(x(width) - x(0) - 1, 1):.1f}" height="{bottom - top:.1f}"/>'
                )
            bases[place] += up
    return _chart(title, x_label, series, (x_ticks, y_ticks), parts)


def _ticks_of(series: Sequence[Series]) -> tuple[list[float], list[float]]:
    points = [point for each in series for point in each.points]
    return ticks(max(across for across, _ in points)), ticks(max(up for _, up in points))


def _scales(x_ticks: Sequence[float], y_ticks: Sequence[float]) -> tuple[Scale, Scale]:
    return Scale(x_ticks[-1], LEFT, WIDTH - RIGHT), Scale(y_ticks[-1], HEIGHT - BOTTOM, TOP)


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """No more than can be told apart, the first and the last among them."""
    if len(points) <= POINTS_MAX:
        return points
    last = len(points) - 1
    return [points[round(place * last / (POINTS_MAX - 1))] for place in range(POINTS_MAX)]


def _chart(
    title: str,
    x_label: str,
    series: Sequence[Series],
    axes: tuple[Sequence[float], Sequence[float]],
    parts: Sequence[str],
) -> str:
    key = "".join(
        f'<li><span class="{each.css_class}"></span>{escape(each.name)}</li>' for each in series
    )
    return "\n".join(
        [
            f"<figure><figcaption>{escape(title)}</figcaption><ul>{key}</ul>",
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
            *_axes(*axes),
            *parts,
            _text("middle", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, x_label),
            "</svg></figure>",
        ]
    )


def _axes(x_ticks: Sequence[float], y_ticks: Sequence[float]) -> Iterator[str]:
    x, y = _scales(x_ticks, y_ticks)
    for tick in y_ticks:
        yield f'<path class="grid" d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}"/>'
        yield _text("end", LEFT - 8, y(tick) + 4, f"{tick:,g}")
    for tick in x_ticks:
        yield _text("middle", x(tick), HEIGHT - BOTTOM + 18, f"{tick:,g}")


def _text(css_class: str, x: float, y: float, text: str) -> str:
    return f'<text class="{css_class}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
