"""The server against its own document, in short; `make fuzz` asks for longer."""

from pathlib import Path

import pytest

from tests.fuzzing.fuzz import Mode, fuzz

SEED = 20_261_122
EVERY_PHASE = ("examples", "coverage", "fuzzing", "stateful")


@pytest.mark.parametrize(
    ("mode", "examples", "phases"),
    [
        ("open", 3, EVERY_PHASE),
        ("partner", 2, EVERY_PHASE),
        ("operator", 2, ("examples", "coverage")),
    ],
)
def test_server_does_what_its_document_says(
    tmp_path: Path, mode: Mode, examples: int, phases: tuple[str, ...]
) -> None:
    done = fuzz(tmp_path, mode, SEED, examples, phases)

    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
