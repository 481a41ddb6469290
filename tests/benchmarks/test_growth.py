"""The growth run in its shortest form."""

from pathlib import Path

from click.testing import CliRunner

from benchmarks.growth.__main__ import main
from benchmarks.growth.start import measure_start
from tests.benchmarks.needs import needs_wrk

SHORTEST = ["--reservations", "10000", "--requests", "10000", "--rounds", "1", "--seconds", "1"]


@needs_wrk
def test_growth_is_measured_part_by_part(tmp_path: Path) -> None:
    parts = [option for part in ("wal", "insert", "list") for option in ("--part", part)]

    run = CliRunner().invoke(main, [*SHORTEST, *parts, "--output", str(tmp_path)])

    assert run.exit_code == 0, run.output
    report = (tmp_path / "growth.md").read_text()
    for line in ("MiB of WAL beside nobody else", "Selling at 10,000", "List: CPU of page 100"):
        assert line in report
    assert "not measured" not in report


def test_a_start_tells_what_is_imported() -> None:
    part = measure_start(rounds=1)

    [target] = part.targets
    assert target.reached is not None
    assert 0 < target.reached.median < 60
    told = "\n".join(part.lines)
    assert "`import ticketboss`: " in told
    assert "flask" in told
