"""How long the properties are searched: `--hypothesis-profile=thorough` takes minutes."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.database import all_closed_behind

settings.register_profile("thorough", max_examples=3_000, deadline=None)


@pytest.fixture(autouse=True)
def _all_closed_behind() -> Iterator[None]:
    with all_closed_behind():
        yield
