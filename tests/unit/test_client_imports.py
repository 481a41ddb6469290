"""A partner installs `requests` and no part of the server."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
CHECK = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError(f"{{name}} is not installed")

sys.meta_path.insert(0, Blocked())
from ticketboss.client import Client
Client("http://tickets.example", event_id="gala").close()
print(*sorted(name for name in sys.modules if name.startswith("ticketboss")))
"""


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    return project


def _name(requirement: str) -> str:
    return requirement.split("==")[0].split("[")[0]


def test_the_client_is_imported_without_anything_that_the_server_needs() -> None:
    # Installed names that are imported by another one.
    modules = {"python-dotenv": "dotenv"}
    names = [_name(requirement) for requirement in _project()["dependencies"]]
    blocked = {
        *(modules.get(name, name.replace("-", "_")) for name in names),
        "werkzeug",
        "gevent",
        "sqlite3",
    }
    assert {"flask", "marshmallow", "gunicorn", "environs", "click"} <= blocked
    done = subprocess.run(
        [sys.executable, "-c", CHECK.format(blocked=blocked)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    others = [name for name in done.stdout.split() if not name.startswith("ticketboss.client")]
    assert others == ["ticketboss"]


def test_partners_get_the_requests_that_the_tests_run_with() -> None:
    extras = _project()["optional-dependencies"]
    assert len(extras["client"]) == 1
    assert set(extras["client"]) <= set(extras["dev"])
