"""A report names the peers that it measured."""

import os
import re

import pytest

from benchmarks.servers import ExpressPeer
from benchmarks.versions import of_peers


# Where a machine has it all, nothing may be left out.
@pytest.mark.skipif(
    ExpressPeer.missing() is not None and not os.environ.get("CI"),
    reason="Express is not installed",
)
def test_the_peers_in_node_are_named_with_their_sqlite() -> None:
    assert re.search(
        r"Node\.js \d+\.\d+\.\d+, express 5\.\d.*, better-sqlite3 12\.\d.*, zod \d.*, "
        r"SQLite 3\.\d+\.\d+$",
        of_peers(),
    )
