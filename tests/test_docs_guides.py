"""Both guides, pasted from their first example to the last beside nothing but the project."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.pasting import (
    PASTE_SECONDS_MAX,
    Example,
    curl_arguments,
    numbered,
    outputs_of_guide,
)
from tests.server import PROJECT, Server

PARTNER_GUIDE = "docs/partner-guide.md"
OPERATOR_GUIDE = "docs/operator-guide.md"

LOOP = re.compile(r"^ask\(\) \{.*?^\}$", re.MULTILINE | re.DOTALL)
# A fixed window: after its first request a key gets 429 until the window is over.
WINDOW_SECONDS = 3


@pytest.fixture(scope="module")
def partner_outputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return outputs_of_guide(PARTNER_GUIDE, tmp_path_factory.mktemp("partner"))


@pytest.fixture(scope="module")
def operator_outputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return outputs_of_guide(OPERATOR_GUIDE, tmp_path_factory.mktemp("operator"))


@pytest.mark.parametrize(("number", "example"), numbered(PARTNER_GUIDE))
def test_example_answers_what_the_partner_guide_shows(
    number: int, example: Example, partner_outputs: list[str]
) -> None:
    example.check(partner_outputs[number])


@pytest.mark.parametrize(("number", "example"), numbered(OPERATOR_GUIDE))
def test_example_answers_what_the_operator_guide_shows(
    number: int, example: Example, operator_outputs: list[str]
) -> None:
    example.check(operator_outputs[number])


@pytest.mark.parametrize("page", [PARTNER_GUIDE, OPERATOR_GUIDE])
def test_every_request_of_a_guide_carries_a_key_but_those_that_are_meant_to_have_none(
    page: str,
) -> None:
    requests = curl_arguments(page)
    without_key = {each for each in requests if "Authorization: Bearer $" not in each}
    assert len(requests) > len(without_key)
    meant = [each for each in without_key if "/readyz" in each or each == "-i $site/events\n"]
    assert without_key == set(meant)


def test_loop_of_the_partner_guide_waits_as_long_as_a_429_says(tmp_path: Path) -> None:
    limit = {"TICKETBOSS_RATE_LIMIT_WRITES": f"1 per {WINDOW_SECONDS} second"}
    with Server(tmp_path, WEB_CONCURRENCY=1, TICKETBOSS_AUTH="keys", **limit) as server:
        made = server.command("keys", "create", "--partner", "abc-corp")
        key = made.stdout.split()[0]
        asked = [f"ask POST /reservations intent-{number} '{{\"seats\":1}}'" for number in (1, 2)]
        done = _in_bash(_loop(), f"key={key} api={server.url}", *asked)
        answers = server.log().count('"path": "/reservations", "status": 429')
    assert done.returncode == 0, done.stderr
    assert [line[:4] for line in done.stdout.splitlines()] == ["201 ", "201 "]
    # Its own pauses, 0 and 1 second, would have got it a second 429.
    assert answers == 1


def test_loop_of_the_partner_guide_ends_at_once_where_asking_again_is_no_use(
    tmp_path: Path,
) -> None:
    with Server(tmp_path, WEB_CONCURRENCY=1, TICKETBOSS_AUTH="keys") as server:
        ask = "ask POST /reservations intent-1 '{\"seats\":1}'"
        done = _in_bash(_loop(), f"key=tb_live_mistyped api={server.url}", ask)
        asked = server.log().count('"path": "/reservations"')
    assert done.stdout.startswith('401 {"type":"/problems/key_invalid"')
    assert asked == 1


def _loop() -> str:
    loops = LOOP.findall((PROJECT / PARTNER_GUIDE).read_text())
    assert len(loops) == 1
    return str(loops[0])


def _in_bash(*lines: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        timeout=PASTE_SECONDS_MAX,
        check=False,
    )
