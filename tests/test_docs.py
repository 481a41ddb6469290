"""The README, `.env.example` and the pages in docs/ say what the code says."""

import ast
import dataclasses
import importlib
import json
import os
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from gunicorn_refusals import REFUSAL_CODES
from ticketboss import __version__
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.config import (
    ENV_FILE_DEFAULT,
    ENV_FILE_NAME,
    PLATFORM_SETTINGS,
    Settings,
    load_settings,
)

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text()
ENV_EXAMPLE = (PROJECT / ".env.example").read_text()
GLOSSARY = PROJECT / "docs" / "glossary.md"

ASSIGNMENT = re.compile(r"^# ([A-Z_]+)=(.*)$", re.MULTILINE)
SETTING_ROW = re.compile(r"^\| `([A-Z_]+)` \| (?:`([^`]+)`|empty) \|", re.MULTILINE)
ERROR_ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \|.*\| (yes|no) \|$", re.MULTILINE)
LIMIT_ROW = re.compile(r"^\| [^|]+ \| ([\d.]+) \w+ \| `(\w+)` in `([\w/.]+)` \|", re.MULTILINE)
LIMIT_CONSTANT = re.compile(r"^([A-Z_]+_MAX) = ", re.MULTILINE)
AVOIDED_ROW = re.compile(r"^\| (\w+) \| everywhere \|", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root|tmp|home|Users|opt|mnt)\b")
REGISTRY_HOST = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.|debian\.org")


def project_files() -> Iterator[Path]:
    """All files of the project except those that .gitignore names."""
    ignored = [".git", *(line.strip("/") for line in (PROJECT / ".gitignore").read_text().split())]
    for folder, folder_names, file_names in os.walk(PROJECT):
        for names in (folder_names, file_names):
            names[:] = [n for n in names if not any(fnmatch(n, pattern) for pattern in ignored)]
        yield from (Path(folder) / name for name in file_names)


def pages() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".md"]


def page_name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def env_name(setting: str) -> str:
    return setting.upper() if setting in PLATFORM_SETTINGS else f"TICKETBOSS_{setting.upper()}"


def gunicorn_constants() -> dict[str, Any]:
    """The literals that gunicorn.conf.py assigns, without running it."""
    constants = {}
    for statement in ast.parse((PROJECT / "gunicorn.conf.py").read_text()).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            try:
                constants[statement.targets[0].id] = ast.literal_eval(statement.value)
            except ValueError:
                continue
    return constants


@pytest.fixture
def defaults(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of an empty environment."""
    for name in [*(env_name(field.name) for field in dataclasses.fields(Settings)), ENV_FILE_NAME]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(ENV_FILE_NAME, "")
    return load_settings()


def test_readme_lists_every_setting_with_its_default(defaults: Settings) -> None:
    expected = {env_name(k): str(v) for k, v in dataclasses.asdict(defaults).items()}
    expected[ENV_FILE_NAME] = ENV_FILE_DEFAULT
    assert dict(SETTING_ROW.findall(README)) == expected


def test_env_example_assigns_every_setting_its_default(
    defaults: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignments = ASSIGNMENT.findall(ENV_EXAMPLE)
    assert {name for name, _ in assignments} == {
        env_name(field.name) for field in dataclasses.fields(Settings)
    }
    for name, _ in assignments:
        # Reading the file puts its values into the environment: this undoes it after the test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    env_file = tmp_path / "uncommented.env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in assignments))
    monkeypatch.setenv(ENV_FILE_NAME, str(env_file))
    assert load_settings() == defaults


def test_env_example_changes_nothing_as_it_is() -> None:
    lines = ENV_EXAMPLE.splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
    assert ENV_FILE_NAME in ENV_EXAMPLE


def test_error_table_has_every_code_with_its_status() -> None:
    refusals = REFUSAL_CODES
    expected = {code: (status, False) for status, code in refusals.items()}
    expected |= {code: (kind.status, kind.retryable) for code, kind in PROBLEMS.items()}
    table = ERROR_ROW.findall(README)
    assert {code: (int(status), retry == "yes") for code, status, retry in table} == expected
    assert len(table) == len(expected)


def test_limits_table_has_the_values_in_force() -> None:
    rows = LIMIT_ROW.findall(README)
    in_force = {}
    for _, name, path in rows:
        if path == "gunicorn.conf.py":
            in_force[name] = gunicorn_constants()[name]
        else:
            module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
            in_force[name] = getattr(module, name)
    assert {name: json.loads(value) for value, name, _ in rows} == in_force


def test_limits_table_misses_no_limit() -> None:
    sources = [*PROJECT.glob("gunicorn*.py"), *(PROJECT / "ticketboss").rglob("*.py")]
    constants = {name for path in sources for name in LIMIT_CONSTANT.findall(path.read_text())}
    assert constants - {name for _, name, _ in LIMIT_ROW.findall(README)} == set()


def test_two_commands_stand_in_the_readme() -> None:
    for command in (
        "make run",
        "make test",
        "pip install -r requirements.txt",
        "gunicorn wsgi:app",
    ):
        assert command in README


@pytest.mark.parametrize("page", pages(), ids=page_name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    broken = [
        f"{target}#{anchor}"
        for target, anchor in LINK.findall(page.read_text())
        if "://" not in target and not leads_somewhere(page, target, anchor)
    ]
    assert broken == []


def leads_somewhere(page: Path, target: str, anchor: str) -> bool:
    path = (page.parent / target) if target else page
    if not path.exists() or not anchor:
        return path.exists()
    slugs = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(path.read_text())
    }
    return anchor in slugs


def test_avoided_words_are_avoided() -> None:
    avoided = AVOIDED_ROW.findall(GLOSSARY.read_text())
    assert "booking" in avoided
    # A header, a risk of the OWASP list and a property of CSS have the names that they have.
    word = re.compile(
        rf"\b(?:{'|'.join(avoided)})s?\b(?!-Agent|-select| management \|)", re.IGNORECASE
    )
    sources = [
        path
        for path in (PROJECT / "ticketboss").rglob("*.*")
        if path.suffix != ".pyc" and path.parent.name != "vendor"
    ]
    found = [
        f"{page_name(path)}: {match[0]}"
        for path in {*sources, *pages()} - {GLOSSARY}
        for match in word.finditer(path.read_text())
    ]
    assert found == []


def test_changelog_has_an_entry_for_this_version() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## \[{re.escape(__version__)}\] - ", changelog, re.MULTILINE)


def test_project_needs_the_python_that_the_readme_names() -> None:
    with (PROJECT / "pyproject.toml").open("rb") as file:
        required: str = tomllib.load(file)["project"]["requires-python"]
    version = required.removeprefix(">=")
    assert f"Python {version} or newer" in README
    assert f"Python {version} or newer" in (PROJECT / "Makefile").read_text()


def test_no_file_names_a_machine_path_or_a_registry() -> None:
    found = [
        f"{page_name(path)}: {match[0]}"
        for path in project_files()
        for pattern in (MACHINE_PATH, REGISTRY_HOST)
        for match in pattern.finditer(path.read_text(errors="replace"))
    ]
    assert found == []
