"""Reload after reload under load, and no request fails, neither directly nor through nginx."""

from pathlib import Path

from tests.deployment import reloads

RELOADS = 3
CLIENTS = 8
# Without anybody to take a connection some would wait until new workers have booted.
SECONDS_MAX = 3.0


def test_no_request_fails_over_reloads_under_load(tmp_path: Path) -> None:
    result = reloads.run(tmp_path, RELOADS, CLIENTS)

    assert result.faults() == []
    for told in result.told.values():
        assert len(told.seconds) > RELOADS * CLIENTS / 2
        assert max(told.seconds) < SECONDS_MAX
