"""The command line, run in this process on a database of the test's own."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from tests.database import new_database, repository_at
from ticketboss.cli import main
from ticketboss.domain.commands import Command
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.engine.committer import Committer


class Operator:
    """Gives commands and reads what they print; a traceback is never an answer."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.database = new_database(folder)
        self._environment = {
            "DATABASE_URL": self.database.url,
            "TICKETBOSS_ENV_FILE": "",
            "TICKETBOSS_DEFAULT_EVENT": "",
            **settings,
        }

    def run(self, *arguments: str, answer: str | None = None) -> Result:
        """Run `python -m ticketboss ...`; `answer` is typed in when it asks."""
        result = CliRunner(env=self._environment).invoke(main, arguments, input=answer)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def document(self, *arguments: str) -> Any:
        """What a command that succeeds prints with --json."""
        result = self.run(*arguments, "--json")
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        assert result.stdout.count("\n") == 1
        return json.loads(result.stdout)

    def lines(self, *arguments: str) -> list[str]:
        """What a command that succeeds tells people, line by line."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout.splitlines()

    def refusal(self, *arguments: str) -> str:
        """The code that a refused command prints with --json; people are told as much."""
        refused = self.run(*arguments, "--json")
        assert (refused.exit_code, refused.stderr) == (1, "")
        document = json.loads(refused.stdout)
        told = self.run(*arguments)
        assert (told.exit_code, told.stdout) == (1, "")
        assert document["error"] in told.stderr
        code: str = document["code"]
        return code

    def usage_error(self, *arguments: str) -> str:
        """What a command says that does not understand what it was given."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        return result.stderr

    def sell(self, *commands: Command) -> None:
        """Have partners do something meanwhile."""
        committer = Committer(repository_at(self.database.url), 5.0, 10)
        for command in commands:
            committer.submit(command)

    def ledger(self, event_id: str) -> list[LedgerEntry]:
        """All that happened to an event."""
        return repository_at(self.database.url).ledger(event_id, -1, 1_000)
