"""The metrics that the pages and the files in deploy/ name are those that the server has."""

import json
import re
from pathlib import Path

import pytest

from tests.server import PROJECT
from ticketboss.app import create_app
from ticketboss.config import load_settings
from ticketboss.services import open_services

METRIC_ROW = re.compile(r"^\| [^|]+ \| `(ticketboss_\w+)`", re.MULTILINE)
NAMED = re.compile(r"\bticketboss_[a-z_]+[a-z]")
SERVED = re.compile(r"^# TYPE (\w+) (\w+)$", re.MULTILINE)
HISTOGRAM_PARTS = ("_bucket", "_sum", "_count")
JOB = re.compile(r'job(?:_name: |=")(\w+)')


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The kind of each metric of a server that has only just been started, by its name."""
    for name, value in (
        ("TICKETBOSS_ENV_FILE", ""),
        ("TICKETBOSS_AUTH", "open"),
        ("DATABASE_URL", f"sqlite:///{tmp_path / 'metrics.db'}"),
    ):
        monkeypatch.setenv(name, value)
    settings = load_settings()
    open_services(settings).repository.migrate()
    answer = create_app(settings).test_client().get("/metrics")
    assert answer.status_code == 200
    # The library gives times of creation only while a process counts for itself alone.
    return {
        name: kind for name, kind in SERVED.findall(answer.text) if not name.endswith("_created")
    }


def test_operations_explain_each_metric_and_no_other(served: dict[str, str]) -> None:
    explained = METRIC_ROW.findall((PROJECT / "docs/operations.md").read_text())
    assert sorted(explained) == sorted(served)


@pytest.mark.parametrize("page", ["deploy/alerts.yml", "deploy/grafana-dashboard.json"])
def test_rules_and_panels_ask_for_metrics_that_there_are(page: str, served: dict[str, str]) -> None:
    there_are = set()
    for name, kind in served.items():
        parts = HISTOGRAM_PARTS if kind == "histogram" else ("",)
        there_are |= {name + part for part in parts}
    named = set(NAMED.findall((PROJECT / page).read_text()))
    assert named
    assert named - there_are == set()


def test_dashboard_has_a_panel_for_each_metric(served: dict[str, str]) -> None:
    dashboard = json.loads((PROJECT / "deploy/grafana-dashboard.json").read_text())
    asked = json.dumps([panel["targets"] for panel in dashboard["panels"]])
    assert [name for name in served if name not in asked] == []


def test_scrape_configuration_has_the_job_that_the_alert_rules_name() -> None:
    configured = JOB.findall((PROJECT / "docs/operator-guide.md").read_text())
    ruled = JOB.findall((PROJECT / "deploy/alerts.yml").read_text())
    assert len(configured) == 1
    assert set(ruled) == set(configured)
