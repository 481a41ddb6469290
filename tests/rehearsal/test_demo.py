"""`make demo`: a drop to look at, and nothing of it left behind."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.concurrency.watching import wait_until
from tests.server import PROJECT
from tests.terminal import heed_ctrl_c

PATIENCE_SECONDS = 60.0
# Of the same shape, but over at once.
SHORT = "--requests 3 --burst 0 --think 0"


@contextmanager
def demo(log: Path, scratch: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`make demo` with what the tests run on installed, in a process group of its own."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            ["make", "demo", f"BIN={sys.prefix}/bin", "--assume-old=.venv/.dev", f"ARGS={SHORT}"],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], "TMPDIR": str(scratch)},
            stdout=file,
            stderr=file,
            start_new_session=True,
            preexec_fn=heed_ctrl_c,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def test_demo_says_where_its_page_is_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    log, scratch = tmp_path / "log", tmp_path / "scratch"
    scratch.mkdir()
    with demo(log, scratch) as process:
        wait_until(lambda: "Every promise was kept." in log.read_text(), "the drop did not end")
        [url] = re.findall(r"^Watch it at (.+)$", log.read_text(), re.MULTILINE)
        assert requests.get(url, timeout=PATIENCE_SECONDS).status_code == requests.codes.ok
        # A terminal sends it to make as well.
        os.killpg(process.pid, signal.SIGINT)
        process.wait(PATIENCE_SECONDS)

    assert "Traceback" not in log.read_text()
    assert list(scratch.iterdir()) == []
