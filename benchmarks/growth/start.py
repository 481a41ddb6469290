"""How soon a server answers after its start, and what it imports for that."""

import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.growth.part import Part, over, shown
from benchmarks.servers import KeyedTicketBoss
from benchmarks.targets import Target

START_SECONDS_MAX = 1.5
GIVE_UP_SECONDS = 60.0
LOOK_SECONDS = 0.005
STATEMENTS = {
    "import ticketboss": "import ticketboss",
    "import ticketboss.app": "import ticketboss.app",
    "import wsgi": "import wsgi",
}
TELL = """
import json, sys
before = set(sys.modules)
{statement}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def measure_start(rounds: int) -> Part:
    """The time from `gunicorn wsgi:app` to the first answer, with a database that is there."""
    with tempfile.TemporaryDirectory() as folder:
        with KeyedTicketBoss(Path(folder) / "server") as server:
            database, headers = server.environment["DATABASE_URL"], server.headers
        seconds = []
        for number in range(rounds):
            again = KeyedTicketBoss(Path(folder) / f"again-{number}", DATABASE_URL=database)
            seconds.append(_seconds_to_first_answer(again, headers))
            imports = [_imports(statement, again.environment) for statement in STATEMENTS.values()]
    lines = [
        line
        for name, modules in zip(STATEMENTS, imports, strict=True)
        for line in _import_lines(name, modules)
    ]
    target = Target("Start to first answer, s", over(seconds), at_most=START_SECONDS_MAX)
    return Part("Start", [target], [f"First answer after {shown(over(seconds), 2)} s.", *lines])


def _seconds_to_first_answer(server: KeyedTicketBoss, headers: Mapping[str, str]) -> float:
    started = time.perf_counter()
    try:
        server.start()
        while not _answers(server.port, headers):
            if time.perf_counter() - started > GIVE_UP_SECONDS:
                raise RuntimeError(f"No answer came:\n{server.log()}")
            time.sleep(LOOK_SECONDS)
        return time.perf_counter() - started
    finally:
        server.destroy()


def _answers(port: int, headers: Mapping[str, str]) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_SECONDS)
    try:
        connection.request("GET", "/reservations", headers=dict(headers))
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _imports(statement: str, environment: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", TELL.format(statement=statement)],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    modules: list[str] = json.loads(done.stdout)
    return modules


def _import_lines(name: str, modules: list[str]) -> list[str]:
    """How many modules a statement pulls in, and of which packages."""
    packages = {module.partition(".")[0] for module in modules}
    ours = sorted(packages - set(sys.stdlib_module_names))
    standard = sorted(packages & {name for name in sys.stdlib_module_names if name[0] != "_"})
    return [
        "",
        f"`{name}`: {len(modules)} modules.",
        "",
        f"- of packages: {', '.join(ours)}",
        f"- of the standard library: {', '.join(standard)}",
    ]
