"""The page on backups, pasted from its first example to the last."""

import pytest

from tests.pasting import Example, numbered, outputs_of_guide

PAGE = "docs/backup.md"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return outputs_of_guide(PAGE, tmp_path_factory.mktemp("backup"))


@pytest.mark.parametrize(("number", "example"), numbered(PAGE))
def test_example_answers_what_the_page_shows(
    number: int, example: Example, outputs: list[str]
) -> None:
    example.check(outputs[number])
