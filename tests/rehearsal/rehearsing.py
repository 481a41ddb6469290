"""`python -m ticketboss rehearse` as an operator runs it."""

import json
import os
import subprocess
import sys
from typing import Any

from tests.server import PROJECT

REHEARSAL_SECONDS_MAX = 180.0


def rehearse(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a rehearsal; `environment` is all that it gets beside a PATH."""
    return subprocess.run(
        [sys.executable, "-m", "ticketboss", "rehearse", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=REHEARSAL_SECONDS_MAX,
        check=False,
    )


def figures(*arguments: str, status: int = 0, **environment: str) -> dict[str, Any]:
    """The figures of a rehearsal, which must end with this status."""
    done = rehearse(*arguments, "--json", **environment)
    assert done.returncode == status, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document
