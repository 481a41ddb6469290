"""Run as a program: kills the leading greenlet of a batch while it waits for the write lock.

gevent must patch before anything else is imported, so this cannot run inside pytest's process.
"""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import click  # noqa: E402
import gevent  # noqa: E402

from tests.database import all_closed_behind  # noqa: E402
from tests.unit.rig import EVENT_ID, Rig, reserve, until  # noqa: E402

GREENLETS = 20


def main(folder: Path) -> None:
    rig = Rig(folder)
    with rig.database.writes_locked():
        greenlets = [gevent.spawn(rig.committer.submit, reserve(n)) for n in range(GREENLETS)]
        # The first one leads all twenty and now waits for the lock.
        until(lambda: EVENT_ID in rig.committer._lanes and rig.waiting() == 0)
        greenlets[0].kill()
    gevent.joinall(greenlets, timeout=10)
    versions = [greenlet.value.entry.version for greenlet in greenlets[1:]]
    click.echo(f"versions of the others: {versions}")
    click.echo(f"reservation of the killed one: {rig.repository.reservation(EVENT_ID, 'r0')}")
    click.echo(f"available: {rig.event().available_seats} idle: {rig.is_idle()}")


if __name__ == "__main__":
    with all_closed_behind():
        main(Path(sys.argv[1]))
