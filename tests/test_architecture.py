"""The arrows between the layers, read from the source: they go down only."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.layers import ARROWS, HOMES, IMPURE

PROJECT = Path(__file__).parent.parent
PACKAGE = PROJECT / "ticketboss"
# Beside gunicorn.conf.py, for the master.
OURS = (
    *("gunicorn_logging.py", "gunicorn_refusals.py", "gunicorn_reload.py"),
    "gunicorn_sockets.py",
)
FUNCTION_LINES_MAX = 39
MODULE_LINES_MAX = 249

SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX)"
    r"|PRAGMA|BEGIN|COMMIT|ROLLBACK)\b",
    re.DOTALL,
)


def _layer(module: str) -> str:
    """The layer of a module that is named without its `ticketboss.`."""
    return max(
        (layer for layer in ARROWS if layer == module or module.startswith(f"{layer}.")),
        key=len,
        default="",
    )


def _module(path: Path, root: Path) -> str:
    return (
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix("__init__").strip(".")
    )


def _imported(tree: ast.Module, package: list[str]) -> Iterator[str]:
    """Full names of all that is imported, wherever in the module, by whichever means."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                above = package[: len(package) - node.level + 1] if node.level else []
                base = ".".join([*above, *filter(None, [node.module])])
                # `from package import module` may name a module or something inside of one.
                yield from (f"{base}.{alias.name}" for alias in node.names)
            case ast.Call(
                func=ast.Name(id="__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def _import_faults(module: str, imported: str) -> Iterator[str]:
    layer, top = _layer(module), imported.split(".")[0]
    if top == "ticketboss":
        target = _layer(imported.removeprefix("ticketboss").removeprefix("."))
        if target not in ARROWS[layer]:
            yield f"imports {imported}"
    elif top in HOMES:
        if layer not in HOMES[top]:
            yield f"imports {imported}"
    elif top not in sys.stdlib_module_names or (layer == "domain" and top in IMPURE):
        yield f"imports {imported}"


def _environment_faults(tree: ast.Module, module: str) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case (
                ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv")
                | ast.alias(name="environ" | "environb" | "getenv")
            ) if module != "config":
                yield "reads the environment"


def _strings(tree: ast.Module) -> Iterator[str]:
    """All strings but docstrings; the gaps of a formatted one become question marks."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in prose:
                yield text
            case ast.JoinedStr(values=parts):
                known = (part.value if isinstance(part, ast.Constant) else "?" for part in parts)
                yield "".join(map(str, known))


def _sql_faults(tree: ast.Module, module: str) -> Iterator[str]:
    if not module.startswith("repository.") and any(map(SQL.search, _strings(tree))):
        yield "has SQL"


def _size_faults(tree: ast.Module, source: str) -> Iterator[str]:
    if len(source.splitlines()) > MODULE_LINES_MAX:
        yield f"has more than {MODULE_LINES_MAX} lines"
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if (
                node.end_lineno or 0
            ) - node.lineno >= FUNCTION_LINES_MAX:
                yield f"{name}() has more than {FUNCTION_LINES_MAX} lines"


def faults(root: Path) -> list[str]:
    """All that is wrong with the package at `root`, by file."""
    found = []
    for path in sorted(root.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        tree, module = ast.parse(source), _module(path, root)
        in_package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        package = ["ticketboss", *filter(None, in_package.split("."))]
        reasons = [
            *(fault for name in _imported(tree, package) for fault in _import_faults(module, name)),
            *_environment_faults(tree, module),
            *_sql_faults(tree, module),
            *_size_faults(tree, source),
        ]
        found += [f"{path.relative_to(root)} {reason}" for reason in reasons]
    return found


def test_no_arrow_goes_up_and_nothing_stands_where_it_does_not_belong() -> None:
    assert faults(PACKAGE) == []


def test_the_package_is_where_we_look_for_it() -> None:
    modules = {_module(path, PACKAGE) for path in PACKAGE.rglob("*.py")}
    assert {"", "app", "domain.decide", "repository.sql.statements"} <= modules
    assert {_layer(module) for module in modules} == set(ARROWS)


LONG_MODULE = "pass\n" * (MODULE_LINES_MAX + 1)
LONG_FUNCTION = "def long():\n" + "    pass\n" * FUNCTION_LINES_MAX


@pytest.mark.parametrize(
    ("file", "source", "fault"),
    [
        ("domain/decide.py", "import flask", "imports flask"),
        ("domain/decide.py", "import time", "imports time"),
        (
            "domain/decide.py",
            "from ticketboss.engine import plan",
            "imports ticketboss.engine.plan",
        ),
        ("domain/decide.py", "from ticketboss import engine", "imports ticketboss.engine"),
        ("domain/decide.py", "from ..engine.plan import x", "imports ticketboss.engine.plan.x"),
        ("domain/decide.py", "from .. import engine", "imports ticketboss.engine"),
        ("domain/__init__.py", "from ..api import json", "imports ticketboss.api.json"),
        (
            "engine/plan.py",
            "def f():\n    import ticketboss.api.json",
            "imports ticketboss.api.json",
        ),
        (
            "engine/plan.py",
            "from ticketboss.repository.sqlite import driver",
            "imports ticketboss.repository.sqlite.driver",
        ),
        (
            "engine/plan.py",
            "from ticketboss.repository import open_repository",
            "imports ticketboss.repository.open_repository",
        ),
        ("engine/plan.py", "import sqlite3", "imports sqlite3"),
        ("engine/plan.py", "__import__('gevent.lock')", "imports gevent.lock"),
        (
            "api/json.py",
            "import importlib\nimportlib.import_module('pysqlite3')",
            "imports pysqlite3",
        ),
        ("api/json.py", "import ticketboss.config", "imports ticketboss.config"),
        ("api/json.py", "import asyncio", "imports asyncio"),
        (
            "repository/interface.py",
            "import ticketboss.engine.plan",
            "imports ticketboss.engine.plan",
        ),
        ("repository/sqlite/driver.py", "import click", "imports click"),
        ("cli/events.py", "import flask", "imports flask"),
        ("cli/events.py", "import unheard_of", "imports unheard_of"),
        ("app.py", "import sqlite3", "imports sqlite3"),
        ("client/client.py", "from ticketboss import domain", "imports ticketboss.domain"),
        ("client/client.py", "import ticketboss", "imports ticketboss"),
        ("cli/events.py", "from ticketboss import client", "imports ticketboss.client"),
        ("api/json.py", "import requests", "imports requests"),
        ("api/json.py", "import os\nos.environ['HOME']", "reads the environment"),
        ("api/json.py", "import os\nos.getenv('HOME')", "reads the environment"),
        ("api/json.py", "from os import environ", "reads the environment"),
        ("api/json.py", "x = 'SELECT version FROM events'", "has SQL"),
        ("api/json.py", "x = f'UPDATE events SET name = {1}'", "has SQL"),
        ("api/json.py", "x = f'SELECT {y} FROM events'", "has SQL"),
        ("engine/plan.py", "run('BEGIN IMMEDIATE')", "has SQL"),
        ("api/json.py", LONG_FUNCTION, f"long() has more than {FUNCTION_LINES_MAX} lines"),
        ("api/json.py", LONG_MODULE, f"has more than {MODULE_LINES_MAX} lines"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, file: str, source: str, fault: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(source)
    assert faults(tmp_path) == [f"{file} {fault}"]


def test_the_master_process_never_imports_the_application(tmp_path: Path) -> None:
    check = (
        "import runpy, sys; runpy.run_path('gunicorn.conf.py');"
        "sys.exit(any(name.split('.')[0] in ('ticketboss', 'flask') for name in sys.modules))"
    )
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/t.db", "TICKETBOSS_ENV_FILE": ""}
    subprocess.run([sys.executable, "-c", check], cwd=PROJECT, env=environment, check=True)
    for name in ("gunicorn.conf.py", *OURS):
        tree = ast.parse((PROJECT / name).read_text(encoding="utf-8"))
        imported = {imported.split(".")[0] for imported in _imported(tree, [])}
        assert imported <= {*sys.stdlib_module_names, "gunicorn", *(Path(o).stem for o in OURS)}
