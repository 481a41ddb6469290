"""What is installed is exactly what was locked: every requirement is pinned and has its hashes."""

import re
import tomllib

import pytest

from tests.server import PROJECT

LOCKS = sorted(path.name for path in PROJECT.glob("requirements*.txt"))
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([A-Za-z0-9.!+]+)(?: ;.*)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
LOCKED_INSTALL = re.compile(
    r"(?:--(?:quiet|disable-pip-version-check)\s+)*--require-hashes\s+-r requirements[a-z-]*\.txt"
)
# Where somebody else could put other packages in place of these.
ELSEWHERE = re.compile(r"^\s*(?:-i|-f|-e|-r|--index|--extra-index|--find-links|--trusted)|://|@ ")


def requirements(name: str) -> list[str]:
    """The requirements of a lock, each with its hashes on one line, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", (PROJECT / name).read_text(), flags=re.MULTILINE)
    return text.replace("\\\n", " ").splitlines()


def pinned(name: str) -> dict[str, set[str]]:
    """The version of each requirement of a lock; more than one where it depends on the system."""
    found: dict[str, set[str]] = {}
    for line in requirements(name):
        match = PIN.fullmatch(line.partition("--hash")[0].strip())
        assert match, f"{name}: {line[:80]}"
        found.setdefault(match[1], set()).add(match[2])
    return found


def declared() -> dict[str, list[str]]:
    """What pyproject.toml asks for, by the lock that must have it."""
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"]
    return {
        "requirements.txt": project["dependencies"],
        "requirements-postgres.txt": [*project["dependencies"], *extras["postgres"]],
        "requirements-litestream.txt": [*project["dependencies"], *extras["litestream"]],
        "requirements-dev.txt": [*project["dependencies"], *extras["dev"]],
        "requirements-bench.txt": [*project["dependencies"], *extras["bench"]],
        "requirements-mutants.txt": [*project["dependencies"], *extras["mutants"]],
        "requirements-lock.txt": [*project["dependencies"], *extras["lock"]],
        "": extras["client"],
    }


def test_every_lock_is_looked_at() -> None:
    assert sorted(name for name in declared() if name) == LOCKS


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_one_version_with_hashes(name: str) -> None:
    assert len(pinned(name)) >= 10
    for line in requirements(name):
        _, *hashes = line.split("--hash")
        assert hashes, line[:80]
        assert all(HASH.fullmatch(f"--hash{each}".strip()) for each in hashes), line[:80]


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_says_where_packages_come_from(name: str) -> None:
    assert [line for line in requirements(name) if ELSEWHERE.search(line)] == []


@pytest.mark.parametrize("name", declared())
def test_what_the_project_asks_for_is_one_version_and_the_locked_one(name: str) -> None:
    locked = pinned(name) if name else {}
    for requirement in declared()[name]:
        match = PIN.fullmatch(requirement.replace("; ", " ; "))
        assert match, requirement
        if name:
            assert match[2] in locked[match[1].lower()], requirement


def test_locks_agree_on_what_they_share() -> None:
    versions: dict[str, set[frozenset[str]]] = {}
    for name in LOCKS:
        for package, found in pinned(name).items():
            versions.setdefault(package, set()).add(frozenset(found))
    assert {package for package, found in versions.items() if len(found) > 1} == set()


@pytest.mark.parametrize("name", ["Makefile", ".ci/run"])
def test_whatever_is_installed_is_locked_with_hashes(name: str) -> None:
    text = (PROJECT / name).read_text().replace("\\\n", " ")
    commands = re.sub(r"^PIP_INSTALL := .*", "", text, flags=re.MULTILINE)
    installs = re.findall(r"(?:\$\(PIP_INSTALL\)|\bpip install\b)(.*)", commands)
    assert installs
    for arguments in installs:
        assert LOCKED_INSTALL.fullmatch(arguments.strip()), arguments
