"""Partners that are frozen, for as long as only the database knows how."""

from pathlib import Path

from tests.contract.backends import sqlite_path
from ticketboss.repository.sqlite.driver import Driver

INSERT_PARTNER = """
INSERT INTO partners (partner_id, name, frozen, release_holds) VALUES (?, 'A partner', ?, ?)
"""


def add_partner(
    driver: Driver, folder: Path, partner_id: str, *, frozen: bool, release_holds: bool = False
) -> None:
    """Store a partner in the SQLite file of the tests' folder."""
    connection = driver.module.connect(sqlite_path(folder), timeout=10)
    connection.execute(INSERT_PARTNER, (partner_id, frozen, release_holds))
    connection.commit()
    connection.close()
