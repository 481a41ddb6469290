"""No operator command shows people the password in DATABASE_URL."""

from pathlib import Path

import pytest

from tests.ports import free_port
from tests.unit.operating import Operator

SHOWN = {
    "postgresql://db.example/ticketboss": "postgresql://db.example/ticketboss",
    "postgresql://name@db.example:5432/t?target_session_attrs=any": (
        "postgresql://name@db.example:5432/t?target_session_attrs=any"
    ),
    "postgresql://name:pa55word@db.example:5432/t": "postgresql://name:***@db.example:5432/t",
    "postgres://name:pa55word@one.example,two.example/t?target_session_attrs=read-write": (
        "postgres://name:***@one.example,two.example/t?target_session_attrs=read-write"
    ),
    "postgresql://name:pa55%40word:@db.example/t": "postgresql://name:***@db.example/t",
    "postgresql://name:pa55?word@db.example/t": "postgresql://name:***@db.example/t",
    "postgresql://name@db.example:5432/t?password=pa55word": "postgresql://***",
    "postgresql://name@db.example:5432/t?password=pa55@word": "postgresql://***",
    "postgresql:///t?host=db.example&user=name&password=pa55word": "postgresql://***",
    "postgresql://name@db.example:5432/t?pass%77ord=pa55word": "postgresql://***",
    "postgresql://name@db.example:5432/t?sslkey=k.pem&sslpassword=pa55word": "postgresql://***",
}
# Whatever libpq takes for the host or the database, it tells in its errors.
TORN = [
    "postgresql://name:the@pa55word@127.0.0.1/t",
    "postgresql://name:the/pa55word@127.0.0.1/t",
    "postgresql://name:1/pa55word@127.0.0.1/t",
    "postgresql://name:pa55word@127.0.0.1:many/t",
    "postgresql://name:pa55word%zz@127.0.0.1/t",
]
COMMANDS = [
    ("migrate",),
    ("verify",),
    ("events", "list"),
    ("events", "create", "drop", "--name", "N", "--seats", "1"),
    ("events", "pause-all"),
    ("keys", "list"),
    ("partners", "list"),
    ("admin-log",),
]


@pytest.mark.parametrize(("url", "shown"), SHOWN.items())
def test_people_see_where_the_database_is_and_no_password(
    tmp_path: Path, url: str, shown: str
) -> None:
    operator = Operator(tmp_path, DATABASE_URL=url)
    assert operator.lines("settings")[0] == f"DATABASE_URL = {shown}"
    # JSON is pasted into tickets and chats as well.
    assert operator.document("settings")["DATABASE_URL"] == shown
    assert operator.document("settings", "--with-passwords")["DATABASE_URL"] == url


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_database_that_cannot_be_reached_is_told_of_without_its_password(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    url = f"postgresql://name:pa55word@127.0.0.1:{free_port()}/t?sslpassword=pa55word"
    operator = Operator(tmp_path, DATABASE_URL=url)
    for done in (operator.run(*arguments), operator.run(*arguments, "--json")):
        assert done.exit_code == 1
        assert "connection failed" in done.output
        assert "pa55" not in done.output


@pytest.mark.parametrize("url", TORN)
@pytest.mark.parametrize("arguments", [("settings",), ("settings", "--json"), ("migrate",)])
def test_a_url_that_cannot_be_read_is_not_repeated(
    tmp_path: Path, url: str, arguments: tuple[str, ...]
) -> None:
    done = Operator(tmp_path, DATABASE_URL=url).run(*arguments)
    assert done.exit_code == 1
    assert "DATABASE_URL: must " in done.output
    assert "pa55" not in done.output
