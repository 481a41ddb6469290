"""`rehearse` says what it lacks, and the guide says all that it takes."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ticketboss.cli.rehearse import rehearse
from ticketboss.cli.rehearsing import Printer

PROJECT = Path(__file__).parents[2]
GUIDE = (PROJECT / "docs/operator-guide.md").read_text()
OPTION_ROW = re.compile(r"^\| (`--[^|]+) \|", re.MULTILINE)
WITHOUT_REQUESTS = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "requests":
            raise ModuleNotFoundError("No module named 'requests'", name="requests")

sys.meta_path.insert(0, Blocked())
from ticketboss.cli import main
main({arguments!r}, prog_name="ticketboss")
"""


def without_requests(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an operator command where the package is not installed."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_REQUESTS.format(arguments=arguments)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_requests_it_names_the_extra_that_brings_it() -> None:
    done = without_requests("rehearse")

    assert done.returncode == 1
    assert "pip install '.[client]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("rehearse", "--help"), ("events", "--help")])
def test_all_else_does_without_requests(arguments: tuple[str, ...]) -> None:
    assert without_requests(*arguments).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--group-sizes", "ten"], "must be like 10"),
        (["--burst", "1", "--rate", "1"], "either a burst or at a rate"),
        (["--rate", "0.1", "--requests", "100"], "all must be over within 300 s"),
        (["--requests", "100001"], "100001 is not in the range"),
        (["--connections", "501"], "501 is not in the range"),
        (["--partners", "1001"], "1001 is not in the range"),
        (["--seconds-max", "3601"], "3601.0 is not in the range"),
        (["--kills", "101"], "101 is not in the range"),
        (["--hold-share", "1.1"], "1.1 is not in the range"),
        (["--operator-key-file", "no-such-file"], "No such file"),
        (["--report", "no-such-folder/report.html"], "there is no such folder"),
    ],
)
def test_what_cannot_be_rehearsed_is_a_wrong_argument(arguments: list[str], reason: str) -> None:
    run = CliRunner().invoke(rehearse, arguments)

    assert run.exit_code == 2
    assert reason in " ".join(run.output.split())


def test_keys_and_events_of_nobody_knows_which_server_are_refused() -> None:
    run = CliRunner().invoke(rehearse, ["--event", "gala", "--json"])

    assert (run.exit_code, '"code": "cannot_rehearse"' in run.output) == (2, True)


def test_the_guide_has_every_option() -> None:
    rows = [option for row in OPTION_ROW.findall(GUIDE) for option in re.findall(r"--[a-z-]+", row)]

    assert sorted(rows) == sorted(name for each in rehearse.params for name in each.opts)


@pytest.mark.parametrize("as_json", [False, True])
def test_where_json_is_wanted_nothing_else_is_on_standard_output(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    progress = io.StringIO()
    Printer(None, as_json, progress).stays("http://127.0.0.1:3000/console/")

    told, silent = capsys.readouterr().out, progress.getvalue()
    if as_json:
        told, silent = silent, told
    assert told.startswith("Watch it at http://127.0.0.1:3000/console/\n")
    assert silent == ""
