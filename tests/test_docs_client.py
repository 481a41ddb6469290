"""The README's example in Python, run as partners do: with the client and nothing else of ours."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.pasting import PAGE_URL, PASTE_SECONDS_MAX
from tests.server import PROJECT, Server

README = (PROJECT / "README.md").read_text()
PYTHON_EXAMPLE = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
NEEDED_FILES = ("ticketboss/__init__.py", "ticketboss/py.typed", "ticketboss/client")
INSTALLED = re.compile(r"\brequests==[\d.]+")
PAGES = ("README.md", "docs/partner-guide.md")
# What a type checker must know of the client, beside what the README's example uses.
TYPED = """
from ticketboss.client import Client, Hold, LedgerEntry, OutcomeUnknown, Reservation, errors

def sell(client: Client) -> Reservation:
    seats: int = client.event().available_seats
    try:
        with client.hold(seats, hold_seconds=60) as hold:
            kept: Hold = hold
            return kept.confirm()
    except errors.NotEnoughSeats as refusal:
        return client.reserve(refusal.available_seats)
    except errors.BodyTooLarge as refusal:
        print(refusal.bytes_max + 1)
        raise
    except OutcomeUnknown as lost:
        key: str | None = lost.idempotency_key
        return client.reserve(seats, idempotency_key=key)

def first(client: Client) -> LedgerEntry:
    return next(client.follow_ledger())
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder of a partner's own, with what the README says that the client needs."""
    folder = tmp_path / "shop"
    for name in NEEDED_FILES:
        assert all(f"`{name}`" in (PROJECT / page).read_text() for page in PAGES)
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (PROJECT / name).is_file():
            shutil.copy(PROJECT / name, target)
        else:
            shutil.copytree(PROJECT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_python_example_of_the_readme_prints_what_it_shows(tmp_path: Path, shop: Path) -> None:
    code, shown = _example()
    with Server(tmp_path) as server:
        done = _run(code.replace(PAGE_URL, server.url), shop)
    assert (done.stdout, done.stderr) == (shown, "")


def test_python_example_of_the_readme_works_with_a_key_as_it_says(
    tmp_path: Path, shop: Path
) -> None:
    code, shown = _example()
    with Server(tmp_path, TICKETBOSS_AUTH="keys") as server:
        key = server.operate("keys", "create", "--partner", "abc-corp")["key"]
        with_key = code.replace(
            'Client(URL, event_id=EVENT_ID, partner_id="abc-corp")',
            f'Client(URL, "{key}", event_id=EVENT_ID)',
        )
        assert with_key != code
        done = _run(with_key.replace(PAGE_URL, server.url), shop)
    assert (done.stdout, done.stderr) == (shown, "")


def test_partners_can_have_their_types_checked(shop: Path) -> None:
    code, _ = _example()
    (shop / "example.py").write_text(code)
    (shop / "typed.py").write_text(TYPED)

    done = _mypy(shop)
    assert done.returncode == 0, done.stdout + done.stderr

    (shop / "typed.py").write_text(TYPED.replace("seats: int", "seats: str"))
    assert "Incompatible types in assignment" in _mypy(shop).stdout


def test_pages_install_the_requests_that_the_client_is_tested_with() -> None:
    with (PROJECT / "pyproject.toml").open("rb") as file:
        tested = tomllib.load(file)["project"]["optional-dependencies"]["client"]
    for page in PAGES:
        assert INSTALLED.findall((PROJECT / page).read_text()) == tested, page


def _example() -> tuple[str, str]:
    found = PYTHON_EXAMPLE.findall(README)
    assert len(found) == 1
    code, shown = found[0]
    return code, shown


def _mypy(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "example.py", "typed.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PASTE_SECONDS_MAX,
        check=False,
    )


def _run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    script = folder / "example.py"
    script.write_text(code)
    return subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PASTE_SECONDS_MAX,
        check=False,
    )
