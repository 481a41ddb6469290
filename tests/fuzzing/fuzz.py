"""Ask a scratch server all that its OpenAPI document allows, and forbids: `make fuzz`."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from tests.fuzzing.hooks import EVENT_ID, PARTNER_ID, TOTAL_SEATS_MAX
from tests.server import PROJECT, Server

Mode = Literal["open", "partner", "operator"]
MODES: tuple[Mode, ...] = get_args(Mode)
HERE = Path(__file__).parent
# Of one request: long polls are shortened, so anything longer is a fault.
REQUEST_SECONDS_MAX = 15
SETTINGS: dict[str, str | int] = {
    "WEB_CONCURRENCY": 1,
    "LOG_LEVEL": "warning",
    "TICKETBOSS_DEFAULT_EVENT": EVENT_ID,
    "TICKETBOSS_DEFAULT_EVENT_SEATS": TOTAL_SEATS_MAX,
    "TICKETBOSS_RATE_LIMIT_WRITES": "",
    "TICKETBOSS_RATE_LIMIT_READS": "",
}


def fuzz(
    folder: Path, mode: Mode, seed: int, examples: int, phases: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """Run schemathesis against a server of its own with its files in `folder`.

    In mode "open" nobody has a key; else all requests have one of that kind. After it the
    ledger must be clean and the log without an error, else AssertionError.
    """
    auth = "open" if mode == "open" else "keys"
    with Server(folder, **SETTINGS, TICKETBOSS_AUTH=auth) as server:
        widest = ("--seats-per-reservation-max", str(TOTAL_SEATS_MAX))
        server.command("events", "update", EVENT_ID, *widest)
        environment = server.environment | {"SCHEMATHESIS_HOOKS": "tests.fuzzing.hooks"}
        environment["FUZZ_KEY"] = "none"
        arguments = ["--seed", str(seed), "--max-examples", str(examples)]
        arguments += ["--phases", ",".join(phases)]
        if mode != "open":
            keys = {kind: _new_key(server, kind) for kind in ("partner", "operator")}
            environment["FUZZ_KEY"] = keys[mode]["key"]
            environment["FUZZ_OWN_KEY_IDS"] = ",".join(key["keyId"] for key in keys.values())
            environment["FUZZ_OPERATOR_KEY"] = keys["operator"]["key"]
        done = _schemathesis(f"{server.url}/openapi.json", arguments, environment, folder)
        assert server.differences() == []
        assert '"level": "error"' not in server.log(), server.log()
    return done


def _new_key(server: Server, kind: str) -> dict[str, str]:
    whose = ["--partner", PARTNER_ID] if kind == "partner" else ["--operator"]
    created: dict[str, str] = json.loads(server.command("keys", "create", *whose, "--json").stdout)
    return created


def _schemathesis(
    url: str, arguments: Sequence[str], environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "schemathesis.cli"]
    command += ["--config-file", str(HERE / "schemathesis.toml"), "run", url]
    command += ["--request-timeout", str(REQUEST_SECONDS_MAX), *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )


def main() -> None:
    """A longer run, in all modes."""
    parser = argparse.ArgumentParser(prog="make fuzz ARGS=")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=200, help="of each operation")
    parser.add_argument("--mode", choices=MODES, action="append", help="all, if not given")
    asked = parser.parse_args()
    failed = False
    for mode in asked.mode or MODES:
        with tempfile.TemporaryDirectory() as folder:
            phases = ("examples", "coverage", "fuzzing", "stateful")
            done = fuzz(Path(folder), mode, asked.seed, asked.examples, phases)
        sys.stdout.write(f"== {mode}\n{done.stdout}{done.stderr}")
        failed |= done.returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
