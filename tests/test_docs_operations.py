"""docs/operations.md has a row for each alert, and quotes the server as it speaks."""

import re

import pytest

from tests.server import PROJECT
from ticketboss.repository.interface import SchemaMismatch
from ticketboss.repository.sql.migration import refuse_newer

PAGE = (PROJECT / "docs/operations.md").read_text()
ALERT_ROW = re.compile(r"^\| `(\w+)` \| (page|warn) \|", re.MULTILINE)
ALERT = re.compile(r"- alert: (\w+)\n.*?\{severity: (\w+)\}", re.DOTALL)
NEWER_SCHEMA = re.compile(
    r"^The database has schema (\d+), this TicketBoss knows up to (\d+): .*$", re.MULTILINE
)


def test_operations_say_what_to_do_on_each_alert_and_on_no_other() -> None:
    ruled = ALERT.findall((PROJECT / "deploy/alerts.yml").read_text())
    assert len(ruled) >= 7
    assert ALERT_ROW.findall(PAGE) == ruled


def test_refusal_of_a_newer_database_is_quoted_as_it_is() -> None:
    (quoted,) = NEWER_SCHEMA.finditer(PAGE)
    with pytest.raises(SchemaMismatch, match=f"^{re.escape(quoted[0])}$"):
        refuse_newer(int(quoted[1]), int(quoted[2]))
