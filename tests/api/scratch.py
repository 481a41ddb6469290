"""What a test writes straight into the scratch database, for want of a command that does it."""

from contextlib import closing
from pathlib import Path

from ticketboss.repository.sqlite.driver import choose_driver


def freeze_partner(database_file: Path, partner_id: str, release_holds: bool = False) -> None:
    """Freeze a partner; with `release_holds` the sweepers give its holds back."""
    with closing(choose_driver().module.connect(database_file, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO partners (partner_id, name, frozen, release_holds)"
            " VALUES (:partner_id, :partner_id, 1, :release_holds)",
            {"partner_id": partner_id, "release_holds": int(release_holds)},
        )


def thaw_partner(database_file: Path, partner_id: str) -> None:
    """Undo `freeze_partner`."""
    with closing(choose_driver().module.connect(database_file, isolation_level=None)) as connection:
        connection.execute(
            "DELETE FROM partners WHERE partner_id = :partner_id", {"partner_id": partner_id}
        )
