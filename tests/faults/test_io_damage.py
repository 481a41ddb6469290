"""Damaged files: a server fails and says so, and what it makes of them `verify` finds."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.io.damage import DATABASE_PLACES, LOG_PLACES, cuts, turned_bits
from tests.faults.io.flips import TEMPLATES, Room
from tests.faults.memory import IN_MEMORY
from tests.faults.power.trace import DATABASE

pytestmark = pytest.mark.sqlite_only("it is about the files of SQLite")

SEED = os.environ.get("IO_SEED", "1")
BITS_OF_EACH_PLACE = 6
CUTS = 4


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        yield Room(Path(folder))


@pytest.mark.parametrize("template", TEMPLATES)
def test_one_turned_bit_is_no_traceback_and_no_lie_that_verify_does_not_find(
    room: Room, template: str
) -> None:
    bits = turned_bits(room.templates[template], DATABASE, SEED, BITS_OF_EACH_PLACE)
    findings = room.look_at(template, bits)
    assert findings.broken == []
    places = {place for place, _ in findings.counts}
    assert places == {*DATABASE_PLACES} | ({*LOG_PLACES} if template == "logged" else set())
    assert any("verify says so" in verdict for _, verdict in findings.counts)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_file_that_was_cut_off_is_no_traceback_and_no_lie_that_verify_does_not_find(
    room: Room, template: str
) -> None:
    findings = room.look_at(template, cuts(room.templates[template], DATABASE, SEED, CUTS))
    assert findings.broken == []
