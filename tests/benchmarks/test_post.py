"""Where the microseconds of a POST go: each look at a stack counts for one part, and all add up."""

import re
import sysconfig
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.output import RESULTS
from benchmarks.post.__main__ import main
from benchmarks.post.parts import IN_TRANSACTION, REST, RULES, part_of, parts
from benchmarks.post.readme import BEGIN, END, README, show_in, table_in
from benchmarks.post.report import Round, markdown
from benchmarks.processes import cpu_seconds, cpu_seconds_by_mode
from benchmarks.servers import TicketBoss
from tests.benchmarks.needs import needs_wrk
from tests.server import PROJECT

PACKAGES = Path(sysconfig.get_path("purelib"))
SOURCES = [
    *PROJECT.glob("*.py"),
    *(PROJECT / "ticketboss").rglob("*.py"),
    *(path for name in ("gunicorn", "gevent", "flask") for path in (PACKAGES / name).rglob("*.py")),
]
OFFICIAL_REPORT = RESULTS / "post.md"
GATE = "/x/ticketboss/api/gate.py"
FLASK = "/x/flask/app.py"
LOOP = "/x/gunicorn/workers/base_async.py"
SERVED = f"{FLASK}:wsgi_app;{GATE}:__call__;{LOOP}:handle_request;{LOOP}:handle"
A_ROUND = Round(user=300, system=100, commit=90, lock_wait=30, posts_in_a_commit=16, sync=160)


@pytest.mark.parametrize(
    ("stack", "part"),
    [
        (SERVED, "Flask and werkzeug: context, routing, dispatch"),
        (
            f"/x/werkzeug/routing/map.py:match;{SERVED}",
            "Flask and werkzeug: context, routing, dispatch",
        ),
        (f"{GATE}:admit;{SERVED}", "admission: host, key, limits"),
        (
            f"/x/gunicorn_logging.py:_line;{GATE}:_log_request;{GATE}:start_traced;{SERVED}",
            "the line of log",
        ),
        (f"{GATE}:__call__;{LOOP}:handle_request", "gate: id, the yield, headers"),
        (f"{LOOP}:handle_request;{LOOP}:handle", "gunicorn: environment and the rest of a request"),
        ("/x/gevent/hub.py:run", REST),
        ("", REST),
    ],
)
def test_a_stack_counts_for_the_innermost_part_that_it_has_reached(stack: str, part: str) -> None:
    assert part_of(stack) == part


@pytest.mark.parametrize("mark", [mark for _, marks in RULES for mark in marks])
def test_what_tells_a_part_is_there(mark: str) -> None:
    """A file or function with another name would silently count for the part around it."""
    file, _, function = mark.partition(":")
    found = [path for path in SOURCES if str(path).endswith(file)]

    assert any(re.search(rf"def {function}", path.read_text()) for path in found)


def test_looks_become_microseconds_that_add_up() -> None:
    looks = dict.fromkeys(IN_TRANSACTION, 10) | {REST: 60}

    report = markdown({"date": "2026-11-23"}, [A_ROUND, A_ROUND], looks)

    assert "| both | 400 (400 to 400) |" in report
    assert f"| {REST} | 240 | 60.0 |" in report
    assert "| engine: COMMIT | 40 | 10.0 |" in report
    assert "| a transaction for each POST in it, µs | 60 (60 to 60) |" in report
    assert "snapshot, deciding, rows, COMMIT | 160 |" in report
    assert "with nothing else going on | 10 (10 to 10) |" in report


@needs_wrk
def test_a_short_run_finds_the_parts_of_a_post(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, ["--rounds", "1", "--seconds", "1", "--output", str(tmp_path)])

    assert run.exit_code == 0, run.output
    report = (tmp_path / "post.md").read_text()
    assert "- settings: a trial, with rounds 1" in report
    assert re.search(r"^- load average before the start: [\d.]+ in 1 min", report, re.MULTILINE)
    shares = dict(re.findall(r"^\| (.+) \| [\d,]+ \| ([\d.]+) \|$", report, re.MULTILINE))
    # What a POST passes in any case, and what nothing but a mistake in the rules makes large.
    assert {"Flask and werkzeug: context, routing, dispatch", "gunicorn: parser"} <= set(shares)
    assert float(shares.get(REST, 0)) < 50
    assert sum(map(float, shares.values())) == pytest.approx(100, abs=2)
    outside, inside = re.findall(r"^\| (?:out|in).* kernel \| ([\d,]+) \(", report, re.MULTILINE)
    assert int(outside.replace(",", "")) > 0
    assert int(inside.replace(",", "")) > 0


def test_the_readme_shows_the_table_of_the_last_official_run() -> None:
    report, readme = (OFFICIAL_REPORT.read_text(), README.read_text())

    assert table_in(report)
    assert f"{BEGIN}\n{table_in(report)}{END}\n" in readme


def test_an_official_run_puts_its_table_into_the_readme(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\n| old |\n{END}\nafter\n")
    report = markdown({}, [A_ROUND], dict.fromkeys(IN_TRANSACTION, 10))

    show_in(readme, report)
    show_in(readme, report)

    shown = readme.read_text()
    assert shown.startswith(f"before\n{BEGIN}\n| Part | µs | Share, % |\n")
    assert "| engine: COMMIT | 100 | 25.0 |\n" in shown
    assert shown.endswith(f"|\n{END}\nafter\n")
    assert "old" not in shown


def test_modes_add_up_to_all_cpu(tmp_path: Path) -> None:
    with TicketBoss(tmp_path / "server") as server:
        before = cpu_seconds(server.master_pid)
        user, system = cpu_seconds_by_mode(server.master_pid)
        after = cpu_seconds(server.master_pid)

    assert user > 0
    assert system > 0
    assert before <= user + system <= after


def test_parts_are_counted_once() -> None:
    assert parts({f"{GATE}:admit;{SERVED}": 2, SERVED: 3, "x": 4}).total() == 9
