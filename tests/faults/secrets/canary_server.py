"""A server that has secrets and says all that it ever would."""

import secrets
from contextlib import closing
from pathlib import Path

from tests.database import backend
from tests.ports import free_port
from tests.server import Server
from ticketboss.engine.administration import Administration
from ticketboss.repository import open_repository


class CanaryServer(Server):
    """A server that says all that it ever would, with a password wherever one can be."""

    def __init__(self, folder: Path) -> None:
        # Not in hexadecimal, of which the log and the database are full.
        self.password = secrets.token_urlsafe(24)
        self.console_secret = secrets.token_urlsafe(32)
        # Nobody is behind that port, so that this is spoken of as well.
        counts = f"redis://:{self.password}@127.0.0.1:{free_port()}/0"
        super().__init__(
            folder,
            LOG_LEVEL="debug",
            TICKETBOSS_AUTH="keys",
            TICKETBOSS_CONSOLE_SECRET=self.console_secret,
            TICKETBOSS_RATE_LIMIT_STORAGE=counts,
            TICKETBOSS_RATE_LIMIT_WRITES="9000/second",
            TICKETBOSS_RATE_LIMIT_READS="9000/second",
        )
        self.plain_url = self.environment["DATABASE_URL"]
        if backend() == "postgres":
            named = self.plain_url.replace("//ticketboss@", f"//ticketboss:{self.password}@")
            assert named != self.plain_url
            self.environment["DATABASE_URL"] = named

    def issue(self, partner_id: str | None) -> str:
        """A new key: a partner's, or an operator's."""
        with closing(open_repository(self.plain_url)) as repository:
            issued = Administration(repository).issue_key("operator:cli", partner_id, False)
            return issued.secret
