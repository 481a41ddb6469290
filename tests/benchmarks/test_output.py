"""No run replaces the official figures but one that was made as they were."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from click.testing import CliRunner, Result

import benchmarks.growth.__main__ as growth
import benchmarks.post.__main__ as where
from benchmarks import bench, output
from benchmarks.catalogue import WHOLE
from benchmarks.growth.part import Part
from benchmarks.output import Form
from benchmarks.post.readme import BEGIN, END
from benchmarks.post.report import Round
from benchmarks.report import Run
from benchmarks.versions import PROJECT, commit

OFFICIAL_FIGURES = "what the last official run found"
BENCH_TRIALS = [
    ["--quick"],
    ["--rounds", "1"],
    ["--seconds", "1"],
    ["--only", "post-32"],
    ["--worker-class", "gthread"],
    ["--log-level", "warning"],
]
GROWTH_TRIALS = [
    ["--reservations", "1000000"],
    ["--requests", "10000"],
    ["--rounds", "1"],
    ["--seconds", "1"],
    ["--part", "start"],
]


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with official figures, and neither a load nor a server."""
    folder = tmp_path / "results"
    folder.mkdir()
    for name in ("bench.md", "bench.svg", "growth.md", "post.md"):
        (folder / name).write_text(OFFICIAL_FIGURES)
    monkeypatch.setattr(output, "RESULTS", folder)
    monkeypatch.setattr(output, "TRIALS", folder / "trial")
    monkeypatch.setattr(where, "RESULTS", folder)
    monkeypatch.setattr(where, "README", tmp_path / "README.md")
    (tmp_path / "README.md").write_text(f"{BEGIN}\n{OFFICIAL_FIGURES}\n{END}\n")
    of_posts = ([Round(300, 100, 90, 30, 16, 160)], Counter({"a stack": 1}))
    monkeypatch.setattr(where, "measure", lambda *_: of_posts)
    for module in (bench, growth, where):
        monkeypatch.setattr(module, "require_wrk", lambda: None)
    plant_run(monkeypatch)
    for name in ("start", "wal", "inserting", "listing", "memory"):
        monkeypatch.setattr(growth, f"measure_{name}", lambda *_: Part("A part", [], []))
    return folder


def plant_run(
    monkeypatch: pytest.MonkeyPatch,
    complaints: tuple[str, ...] = (),
    left_out: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Have `make bench` find nothing but this."""

    def measure(_scale: object, _only: object, _gunicorn: object, facts: dict[str, str]) -> Run:
        return Run(
            facts=facts,
            workloads=[],
            rounds=[],
            targets=[],
            left_out=left_out,
            acknowledged=0,
            complaints=complaints,
        )

    monkeypatch.setattr(bench, "measure", measure)


def run_bench(*arguments: str) -> Result:
    return CliRunner().invoke(bench.main, arguments)


def run_growth(*arguments: str) -> Result:
    return CliRunner().invoke(growth.main, arguments)


def run_post(*arguments: str) -> Result:
    return CliRunner().invoke(where.main, arguments)


def settings_line(report: Path) -> str:
    [line] = [line for line in report.read_text().splitlines() if line.startswith("- settings: ")]
    return line


def is_untouched(folder: Path) -> bool:
    return all(path.read_text() == OFFICIAL_FIGURES for path in folder.glob("*.*"))


def test_official_runs_replace_the_official_figures(results: Path) -> None:
    assert run_bench().exit_code == run_growth().exit_code == run_post().exit_code == 0

    for name in ("bench.md", "growth.md", "post.md"):
        assert settings_line(results / name) == "- settings: official"
        assert f"- commit: {commit(PROJECT)}\n- load average before" in (results / name).read_text()
    assert "- peers: fastapi " in (results / "bench.md").read_text()
    assert OFFICIAL_FIGURES not in (results.parent / "README.md").read_text()
    assert (results / "bench.svg").read_text() != OFFICIAL_FIGURES
    assert not (results / "trial").exists()


def test_a_run_that_says_what_is_official_anyway_is_official(results: Path) -> None:
    run_bench("--rounds", str(WHOLE.rounds), "--seconds", str(WHOLE.seconds))
    run_growth("--reservations", "10000000", *(f"--part={name}" for name in growth.PARTS))

    assert settings_line(results / "bench.md") == "- settings: official"
    assert settings_line(results / "growth.md") == "- settings: official"


@pytest.mark.parametrize("arguments", BENCH_TRIALS, ids=" ".join)
def test_a_trial_of_the_bench_is_written_elsewhere_and_names_its_settings(
    results: Path, arguments: list[str]
) -> None:
    run = run_bench(*arguments)

    assert run.exit_code == 0, run.output
    assert is_untouched(results)
    assert settings_line(results / "trial" / "bench.md").startswith("- settings: a trial, with ")
    assert str(results / "trial" / "bench") in run.output.replace("\n", "")
    assert (results / "trial" / "bench.svg").exists()


@pytest.mark.parametrize("arguments", GROWTH_TRIALS, ids=" ".join)
def test_a_trial_of_the_growth_is_written_elsewhere_and_names_its_settings(
    results: Path, arguments: list[str]
) -> None:
    run = run_growth(*arguments)

    assert run.exit_code == 0, run.output
    assert is_untouched(results)
    assert settings_line(results / "trial" / "growth.md").startswith("- settings: a trial, with ")


@pytest.mark.parametrize("arguments", [["--rounds", "1"], ["--seconds", "1"]], ids=" ".join)
def test_a_trial_of_where_a_post_goes_is_written_elsewhere_and_not_into_the_readme(
    results: Path, arguments: list[str]
) -> None:
    run = run_post(*arguments)

    assert run.exit_code == 0, run.output
    assert is_untouched(results)
    assert OFFICIAL_FIGURES in (results.parent / "README.md").read_text()
    assert settings_line(results / "trial" / "post.md").startswith("- settings: a trial, with ")


def test_each_setting_of_a_trial_is_named_beside_the_official_one() -> None:
    form = Form(
        {"rounds": 1, "sizes": (0, 10_000), "log level": "info"},
        {"rounds": 5, "sizes": (0, 1_000_000), "log level": "info"},
    )

    assert form.told == (
        "a trial, with rounds 1 (official: 5); sizes 0, 10,000 (official: 0, 1,000,000)"
    )


@pytest.mark.parametrize("run", [run_bench, run_growth, run_post])
def test_a_trial_cannot_be_told_to_replace_the_official_figures(
    results: Path, run: Callable[..., Result]
) -> None:
    for folder in (results, results / "trial" / ".."):
        refused = run("--rounds", "1", "--output", str(folder))
        assert refused.exit_code == 2
        assert "rounds 1 (official: " in " ".join(refused.output.split())

    assert is_untouched(results)


def test_any_run_may_be_written_to_a_folder_of_ones_own(results: Path, tmp_path: Path) -> None:
    run_bench("--output", str(tmp_path / "mine"))
    run_growth("--rounds", "1", "--output", str(tmp_path / "mine"))

    assert settings_line(tmp_path / "mine" / "bench.md") == "- settings: official"
    assert "rounds 1" in settings_line(tmp_path / "mine" / "growth.md")
    assert is_untouched(results)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"complaints": ("3 requests failed",)}, 1), ({"left_out": {"Express": "no Node.js"}}, 0)],
)
def test_a_wrong_run_and_one_without_all_peers_leave_the_official_figures(
    results: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any], status: int
) -> None:
    plant_run(monkeypatch, **wrong)

    run = run_bench("--output", str(results))

    assert run.exit_code == status
    assert is_untouched(results)
    assert (results / "trial" / "bench.md").exists()
