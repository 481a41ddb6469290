"""The page on moving to PostgreSQL, pasted from its first example to the last."""

import pytest

from tests import postgres
from tests.pasting import Example, numbered, outputs_of_guide

PAGE = "docs/moving-to-postgres.md"
URL = "postgresql://ticketboss@db.example/ticketboss"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("moving")
    return outputs_of_guide(PAGE, folder, {URL: postgres.url_for(folder)})


@pytest.mark.parametrize(("number", "example"), numbered(PAGE))
def test_example_answers_what_the_page_shows(
    number: int, example: Example, outputs: list[str]
) -> None:
    example.check(outputs[number])
