// Two charts: seats over time, and what happens per second.

const BUCKETS_MAX = 120;
const POINTS_MAX = 1200;
const HEIGHT = 200;
const [AT, AVAILABLE, HELD, RESERVED, RESERVATIONS, CHANGES] = [0, 1, 2, 3, 4, 5];

/** The value of a column at a time, on a line between the points beside it. */
function valueAt(points, column, at, from) {
  let place = from;
  while (place + 1 < points.length && points[place + 1][AT] <= at) {
    place += 1;
  }
  const left = points[place];
  const right = points[place + 1];
  let value = left[column];
  if (right !== undefined && at > left[AT] && right[AT] > left[AT]) {
    value += ((right[column] - value) * (at - left[AT])) / (right[AT] - left[AT]);
  }
  return [value, place];
}

/** How much of a column is added per second, in buckets of a second or more. */
export function ratesOf(points, column, begin, end) {
  const widthMs = Math.max(1000, Math.ceil((end - begin) / BUCKETS_MAX / 1000) * 1000);
  const times = [];
  const rates = [];
  let [before, place] = valueAt(points, column, begin, 0);
  for (let at = begin + widthMs; at <= end; at += widthMs) {
    let value;
    [value, place] = valueAt(points, column, at, place);
    times.push(at / 1000);
    rates.push(((value - before) * 1000) / widthMs);
    before = value;
  }
  return [times, rates];
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function series(label, name) {
  const stroke = colour(name);
  return { label, stroke, width: 2, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) };
}

/** Times of an axis in UTC, with the day where it has several, with seconds where it must. */
function times(_, seconds) {
  const texts = seconds.map((second) => new Date(second * 1000).toISOString());
  const hasDays = new Set(texts.map((text) => text.slice(0, 10))).size > 1;
  const hasSeconds = texts.some((text) => text.slice(17, 19) !== "00");
  return texts.map(
    (text) => (hasDays ? `${text.slice(5, 10)} ` : "") + text.slice(11, hasSeconds ? 19 : 16),
  );
}

function axis() {
  return { stroke: colour("text"), grid: { stroke: colour("line") }, ticks: { stroke: colour("line") } };
}

function options(element, lines) {
  return {
    width: element.clientWidth,
    height: HEIGHT,
    // The axis as all other times of the page.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    cursor: { show: false },
    legend: { live: false },
    scales: { y: { range: (_, min, max) => [Math.min(0, min), Math.max(1, max * 1.05)] } },
    axes: [{ ...axis(), space: 80, values: times }, { ...axis(), size: 64, values: (_, values) => values.map((v) => v.toLocaleString("en")) }],
    series: [{}, ...lines],
  };
}

/** Draws the last `minutes`, as far as the event was there; with 0 all of it. */
export class Charts {
  constructor(minutes) {
    this.spanMs = minutes * 60000;
    this.points = [];
    this.now = 0;
    this.seats = document.getElementById("chart-seats");
    this.rates = document.getElementById("chart-rates");
    this.plots = [];
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.build());
    new ResizeObserver(() => this.resize()).observe(this.seats);
  }

  begin(points, now) {
    this.points = [...points, ...this.points.filter((point) => point[AT] > points.at(-1)[AT])];
    this.now = Math.max(now, points.at(-1)[AT]);
    this.build();
  }

  add(point, now) {
    this.points.push(point);
    this.now = now;
    const begin = this.begins();
    // The point before the beginning stays: the line comes from there.
    while (this.points.length > 2 && this.points[1][AT] <= begin) {
      this.points.shift();
    }
    if (this.points.length > POINTS_MAX) {
      this.points = this.points.filter((_, place) => place % 2 === 0 || place > POINTS_MAX / 2);
    }
    this.draw();
  }

  begins() {
    // Not before the event was there: else its drop would be a sliver at the edge.
    const [first] = this.points;
    return this.spanMs ? Math.max(this.now - this.spanMs, first[AT]) : first[AT];
  }

  build() {
    for (const plot of this.plots) {
      plot.destroy();
    }
    const seats = [
      series("Available", "available-line"),
      series("Held", "held"),
      series("Reserved", "reserved"),
    ];
    const rates = [
      series("Changes per second", "soft"),
      // Over the other, which is never below it.
      series("Reservations per second", "reserved"),
    ];
    this.plots = [
      new uPlot(options(this.seats, seats), null, this.seats),
      new uPlot(options(this.rates, rates), null, this.rates),
    ];
    this.draw();
  }

  draw() {
    if (!this.plots.length || !this.points.length) {
      return;
    }
    const begin = this.begins();
    const clipped = this.points.map((point) => Math.max(begin, point[AT]) / 1000);
    const column = (number) => this.points.map((point) => point[number]);
    const [seats, rates] = this.plots;
    seats.setData([clipped, column(AVAILABLE), column(HELD), column(RESERVED)]);
    const [times, changes] = ratesOf(this.points, CHANGES, begin, this.now);
    rates.setData([times, changes, ratesOf(this.points, RESERVATIONS, begin, this.now)[1]]);
    for (const plot of this.plots) {
      plot.setScale("x", { min: begin / 1000, max: Math.max(begin + 1000, this.now) / 1000 });
    }
  }

  resize() {
    for (const plot of this.plots) {
      plot.setSize({ width: this.seats.clientWidth, height: HEIGHT });
    }
  }
}
