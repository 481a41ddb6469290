"""The files for Prometheus and Grafana can be read, and ask for what the service tells."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.exposition import Exposition
from tests.unit.bulks import bulk
from tests.unit.examples import EVENT_ID, create_event, hold, reserve
from ticketboss.api.context import EXTENSION
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.app import create_app
from ticketboss.config import load_settings
from ticketboss.domain.ledger import EFFECTS, EVENT_KINDS

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))
ALERT_LINES = (DEPLOY / "alerts.yml").read_text(encoding="utf-8").splitlines()

METRIC = re.compile(r"(\w+\()?(ticketboss_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(?:=~|!~|!=|=)"([^"]*)"')
GROUPED = re.compile(r"\bby \(([^)]*)\)")
# Of YAML only what needs no quotes: keys, plain values, lists of mappings, one mapping in braces.
YAML_LINE = re.compile(r"(?P<indent> *)(?P<item>- )?(?P<key>\w+):(?: (?P<value>\S.*))?")
PLAIN = re.compile(r"(?![\s&*!|>'\"%@`,\[\]{}#?:-])(?:(?!: | #).)*(?<![:\s])")
BRACES = re.compile(r"\{severity: (page|warn)\}")
DURATION = re.compile(r"\d+[smh]")
VALUES = {
    "outcome": {"accepted", "replayed", "unchanged", *PROBLEMS},
    "command": {"reserve", "hold", "reserve_many"},
    "kind": EVENT_KINDS | set(EFFECTS),
    "status": {str(problem.status) for problem in PROBLEMS.values()},
}


def _rules() -> list[dict[str, str]]:
    """The alert rules, each with all of its keys on one level."""
    rules: list[dict[str, str]] = []
    for line in ALERT_LINES:
        found = YAML_LINE.fullmatch(line)
        if found is None or not found["value"]:
            continue
        if found["key"] == "alert":
            rules.append({})
        if rules:
            assert found["key"] not in rules[-1]
            rules[-1][found["key"]] = found["value"]
    return rules


RULES = {rule["alert"]: rule for rule in _rules()}
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"]}
EXPRESSIONS = {f"alert {name}": rule["expr"] for name, rule in RULES.items()} | {
    f"panel {title} {target['refId']}": target["expr"]
    for title, panel in PANELS.items()
    for target in panel["targets"]
}
OURS = {name: text for name, text in EXPRESSIONS.items() if "ticketboss_" in text}


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A server that has only just been started."""
    monkeypatch.setenv("TICKETBOSS_ENV_FILE", "")
    monkeypatch.setenv("TICKETBOSS_AUTH", "open")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'sold.db'}")
    app = create_app(load_settings())
    repository = app.extensions[EXTENSION].repository
    repository.migrate()
    yield app
    repository.close()


@pytest.fixture
def fresh(app: Flask) -> Exposition:
    """What it tells at once."""
    return _scraped(app)


@pytest.fixture
def scrape(app: Flask) -> Exposition:
    """What it tells when it has sold something."""
    for command in (create_event(), reserve(), hold(1, "h1"), bulk(1, 1)):
        app.extensions[EXTENSION].committer.submit(command)
    assert app.test_client().get(f"/events/{EVENT_ID}").status_code == 200
    return _scraped(app)


def _scraped(app: Flask) -> Exposition:
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    return Exposition(answer.text)


@pytest.mark.parametrize("expression", OURS.values(), ids=OURS.keys())
def test_every_metric_and_label_that_is_asked_for_is_told(
    scrape: Exposition, expression: str
) -> None:
    labels_by_name: dict[str, set[str]] = {}
    for sample in scrape.samples:
        labels_by_name.setdefault(sample.name, set()).update(sample.labels)
    asked = METRIC.findall(expression)
    assert asked
    grouped = {label.strip() for group in GROUPED.findall(expression) for label in group.split(",")}
    for _, name, matchers in asked:
        assert name in labels_by_name
        matched = {label for label, _ in MATCHER.findall(matchers)}
        assert matched | grouped <= labels_by_name[name]


def test_every_series_that_an_alert_asks_for_is_there_from_the_start(fresh: Exposition) -> None:
    for name, rule in RULES.items():
        for _, metric, matchers in METRIC.findall(rule["expr"]):
            there = [sample.labels for sample in fresh.samples if sample.name == metric]
            assert there, f"{name}: {metric}"
            for label, values in MATCHER.findall(matchers):
                told = {labels[label] for labels in there}
                # A series that begins with its first failure does not grow for Prometheus.
                assert set(values.split("|")) <= told, f"{name}: {metric}"


@pytest.mark.parametrize("expression", OURS.values(), ids=OURS.keys())
def test_every_value_that_is_asked_for_can_occur(expression: str) -> None:
    for _, _, matchers in METRIC.findall(expression):
        for label, values in MATCHER.findall(matchers):
            assert set(values.split("|")) <= VALUES[label]


@pytest.mark.parametrize("expression", OURS.values(), ids=OURS.keys())
def test_what_only_grows_is_asked_for_as_a_rate_and_what_stands_as_it_is(expression: str) -> None:
    for function, name, _ in METRIC.findall(expression):
        grows = name.endswith(("_total", "_bucket", "_sum", "_count"))
        assert (function in ("rate(", "increase(")) == grows, name
    if "histogram_quantile" in expression:
        assert "by (le)" in expression


def test_every_line_of_the_alerts_is_plain_yaml() -> None:
    indent = 0
    for line in ALERT_LINES:
        if not line.strip() or line.startswith("#"):
            continue
        found = YAML_LINE.fullmatch(line)
        assert found is not None, line
        depth = len(found["indent"]) + len(found["item"] or "")
        assert depth % 2 == 0, line
        assert depth <= indent + 4, line
        indent = depth
        value = found["value"] or ""
        assert not value or PLAIN.fullmatch(value) or BRACES.fullmatch(value), line


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_every_alert_says_how_bad_it_is_and_what_to_do(rule: dict[str, str]) -> None:
    assert set(rule) | {"for"} == {"alert", "expr", "for", "labels", "summary", "action"}
    assert rule["labels"] in ("{severity: page}", "{severity: warn}")
    assert DURATION.fullmatch(rule.get("for", "1s"))
    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert rule["summary"].endswith(".")


def test_no_alert_is_lost_on_the_way_here() -> None:
    assert len(RULES) == sum("- alert:" in line for line in ALERT_LINES) >= 7


def test_the_panels_have_names_and_places_of_their_own() -> None:
    panels: list[dict[str, Any]] = DASHBOARD["panels"]
    assert len(PANELS) == len(panels) == len({panel["id"] for panel in panels})
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_every_panel_asks_the_data_source_that_the_viewer_chooses() -> None:
    (variable,) = DASHBOARD["templating"]["list"]
    assert (variable["name"], variable["type"], variable["query"]) == (
        "datasource",
        "datasource",
        "prometheus",
    )
    for panel in DASHBOARD["panels"]:
        assert panel["datasource"]["uid"] == "${datasource}"
        ids = [target["refId"] for target in panel["targets"]]
        assert len(ids) == len(set(ids)) > 0
