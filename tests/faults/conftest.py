"""What fault tests need besides Python."""

import pytest

from tests.faults.programs import lacking


@pytest.fixture(scope="session")
def strace() -> None:
    """Without strace a test that needs it fails, and says what to install."""
    if (sentence := lacking("strace")) is not None:
        pytest.fail(sentence, pytrace=False)
