"""The numbers in deploy/nginx/ticketboss.conf are those of TicketBoss, or leave room for them."""

import re

import pytest

from gunicorn_refusals import REFUSAL_CODES
from tests.deployment.nginx import FILES
from tests.server import PROJECT
from tests.test_docs import gunicorn_constants
from ticketboss.api.bodies import LARGE_BODY_BYTES_MAX
from ticketboss.api.problem_types import PROBLEMS
from ticketboss.config import Settings, load_settings
from ticketboss.engine.feed import FEED_WAIT_SECONDS_MAX

SITE = (FILES / "ticketboss.conf").read_text(encoding="utf-8")
MAIN = (FILES / "nginx.conf").read_text(encoding="utf-8")
# As the settings allow it at most (README, TICKETBOSS_COMMAND_SECONDS_MAX).
COMMAND_SECONDS_MAX = 25
UNITS = {"": 1, "s": 1, "h": 3_600, "k": 1_024}
MAP = re.compile(r"^map \$status \$refusal_(\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^    (\d{3}) \"?(.*?)\"?;$", re.MULTILINE)
RATE = re.compile(r"^(\d+)/second$")
REFUSED = re.compile(r"^    error_page ([\d ]+?)(?: =(\d+))? /refused;$", re.MULTILINE)

MAPS = {name: dict(ENTRY.findall(body)) for name, body in MAP.findall(SITE)}


def told(directive: str, text: str = SITE, count: int = 1) -> list[float]:
    """The numbers behind a directive, in bytes and seconds; it stands so often."""
    found = re.findall(rf"^\s*{directive} (.*);$", text, re.MULTILINE)
    assert len(found) == count, directive
    numbers = [re.findall(r"\b(\d+)([skh]?)\b", words)[-1] for words in found]
    return [int(number) * UNITS[unit] for number, unit in numbers]


@pytest.fixture
def defaults(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TICKETBOSS_ENV_FILE", "")
    return load_settings()


def test_longest_body_is_the_longest_that_ticketboss_takes() -> None:
    assert told("client_max_body_size") == [LARGE_BODY_BYTES_MAX]
    assert f"{LARGE_BODY_BYTES_MAX} bytes" in MAPS["detail"]["413"]
    assert MAPS["facts"] == {"413": f"',\"bytesMax\":{LARGE_BODY_BYTES_MAX}'"}


def test_whatever_head_ticketboss_takes_has_room() -> None:
    gunicorn = gunicorn_constants()
    (buffer_bytes,) = told("large_client_header_buffers")
    assert buffer_bytes > gunicorn["limit_request_field_size"]
    assert buffer_bytes > gunicorn["limit_request_line"]


def test_nginx_waits_longer_than_ticketboss_may_take() -> None:
    (seconds,) = told("proxy_read_timeout")
    assert seconds > max(FEED_WAIT_SECONDS_MAX, COMMAND_SECONDS_MAX)
    assert told("worker_shutdown_timeout", MAIN)[0] > seconds


def test_nginx_ends_idle_connections_before_the_workers_do() -> None:
    to_workers, to_clients = told("keepalive_timeout", count=2)
    assert to_workers < gunicorn_constants()["keepalive"] < to_clients


def test_one_key_alone_never_meets_the_rate_of_an_address(defaults: Settings) -> None:
    rates = defaults.rate_limit_writes, defaults.rate_limit_reads
    of_a_key = sum(int(found[1]) for rate in rates if (found := RATE.match(rate)))
    (of_an_address,) = re.findall(r"rate=(\d+)r/s;", SITE)
    assert int(of_an_address) == defaults.web_concurrency * of_a_key


def test_refusals_have_the_codes_of_ticketboss_and_its_words() -> None:
    gunicorn = {code: status for status, code in REFUSAL_CODES.items()}
    for status, code in MAPS["code"].items():
        if code in PROBLEMS:
            assert PROBLEMS[code].status == int(status)
            assert PROBLEMS[code].title == MAPS["title"][status]
        else:
            assert gunicorn[code] == int(status)
        known = PROBLEMS[code].retryable if code in PROBLEMS else False
        assert _retryable(status) == known
        assert MAPS["detail"][status].endswith(".")


def test_whatever_nginx_refuses_has_words() -> None:
    refused = set()
    for statuses, other in REFUSED.findall(SITE):
        refused |= {other} if other else set(statuses.split())
    # The words for a 400 are those for all that has no others.
    assert refused - {"400"} == set(MAPS["code"])
    assert set(MAPS["code"]) == set(MAPS["title"]) == set(MAPS["detail"])


def test_page_states_the_limits_of_the_file() -> None:
    page = (PROJECT / "docs/deployment.md").read_text()
    (burst,) = re.findall(r"burst=(\d+) ", SITE)
    (connections,) = told("limit_conn ticketboss_connections")
    (rate,) = re.findall(r"rate=(\d+)r/s;", SITE)
    assert f"| {int(rate):,} a second, and {int(burst):,} at once above that" in page
    assert f"| Requests under way from one address | {connections:.0f} |" in page
    assert f"{LARGE_BODY_BYTES_MAX:,} bytes" in page


def _retryable(status: str) -> bool:
    (pattern,) = re.findall(r"^    ~(\S+) true;$", SITE, re.MULTILINE)
    return re.search(pattern, status) is not None
