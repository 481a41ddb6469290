"""A server imports what it needs on its settings, and `import ticketboss` next to nothing."""

import subprocess
import sys
from ast import literal_eval
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
# All that is not of the standard library; another one has its price at each start, and is added
# here by whoever finds it worth that.
PACKAGES = {
    *("apispec", "blinker", "click", "deprecated", "dotenv", "environs", "flask"),
    *("flask_swagger_ui", "itsdangerous", "jinja2", "limits", "markupsafe", "marshmallow"),
    *("packaging", "prometheus_client", "pysqlite3", "ticketboss", "werkzeug", "wrapt", "wsgi"),
}
# Installed where the tests run, and of no use to a server on its default settings.
NEEDLESS = {
    *("fastapi", "hypothesis", "playwright", "psycopg", "psycopg_pool", "pydantic", "pytest"),
    *("redis", "requests", "schemathesis", "uvicorn", "yaml", "mypy", "gevent", "gunicorn"),
    *("doctest", "ensurepip", "idlelib", "pdb", "pip", "pydoc", "setuptools", "tkinter"),
    *("turtle", "unittest", "xmlrpc", "ticketboss.cli", "ticketboss.client"),
    "ticketboss.rehearsal",
    *("ticketboss.engine.copying", "ticketboss.repository.postgres", "tests", "benchmarks"),
}
# It imports nothing that the interpreter has not built in: what is there already is not seen.
LOOK = """
import sys, time

def pulled_in(statement):
    before, started = set(sys.modules), time.process_time()
    exec(statement)
    seconds = time.process_time() - started
    return {"modules": sorted(set(sys.modules) - before), "seconds": seconds}

print([pulled_in(statement) for statement in sys.argv[1:]])
"""


def pulled_in(*statements: str, folder: Path | None = None) -> list[dict[str, Any]]:
    """What each of the statements, one after the other, has a fresh interpreter import."""
    settings = {"TICKETBOSS_ENV_FILE": "", "DATABASE_URL": f"sqlite:///{folder}/ticketboss.db"}
    done = subprocess.run(
        [sys.executable, "-c", LOOK, *statements],
        cwd=PROJECT,
        env=settings,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    found: list[dict[str, Any]] = literal_eval(done.stdout)
    return found


def test_the_package_alone_imports_nothing_but_types_and_its_means_to_import() -> None:
    _, ours = pulled_in("import typing, importlib", "import ticketboss")

    assert ours["modules"] == ["ticketboss"]


def test_the_package_alone_is_imported_in_a_small_part_of_what_its_framework_takes() -> None:
    # CPU time of both in one process: a machine that is busy is busy for both.
    ours, framework = pulled_in("import ticketboss", "import flask, marshmallow")

    assert ours["seconds"] < framework["seconds"] / 4


@pytest.mark.parametrize("statement", ["import ticketboss.app", "import wsgi"])
def test_a_server_on_default_settings_imports_no_package_that_it_does_not_need(
    tmp_path: Path, statement: str
) -> None:
    [server] = pulled_in(statement, folder=tmp_path)

    modules = set(server["modules"])
    assert {"flask", "marshmallow", "ticketboss.app"} <= modules
    assert {name.partition(".")[0] for name in modules} - sys.stdlib_module_names <= PACKAGES
    assert modules & NEEDLESS == set()


def test_what_a_server_has_of_its_own_takes_no_longer_than_its_packages(tmp_path: Path) -> None:
    packages, ours = pulled_in(
        "import flask, marshmallow, environs, prometheus_client.multiprocess, limits.strategies,"
        " apispec.ext.marshmallow, flask_swagger_ui",
        "import wsgi",
        folder=tmp_path,
    )

    assert ours["seconds"] < packages["seconds"]
