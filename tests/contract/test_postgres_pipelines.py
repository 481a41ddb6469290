"""Who is killed while statements are under way is killed, and is told nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import postgres
from tests.unit.rig import Killed
from ticketboss.repository.postgres.connection import PostgresConnections


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[PostgresConnections]:
    found = PostgresConnections(postgres.url_for(tmp_path))
    yield found
    found.close()


@pytest.mark.parametrize("step", ["_fetch_gen", "_exit_gen"], ids=["waiting for rows", "ending"])
def test_a_kill_is_not_taken_for_a_storage_that_fails(
    connections: PostgresConnections, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: Any, **__: Any) -> Iterator[None]:
        monkeypatch.undo()
        raise Killed
        yield

    def read() -> None:
        with connections.reading() as session:
            cursor = session.execute("SELECT pg_sleep(0.2)")
            monkeypatch.setattr(psycopg.Pipeline, step, killed)
            if step == "_fetch_gen":
                cursor.fetchall()

    with pytest.raises(Killed):
        read()
    assert connections.fetch("SELECT 1", {}) == [(1,)]
