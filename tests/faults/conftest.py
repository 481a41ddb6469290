"""What fault tests need besides Python, and what several of them look at."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.power.recordings import AT_ONCE, Recordings
from tests.faults.programs import lacking


@pytest.fixture(scope="session")
def strace() -> None:
    """Without strace a test that needs it fails, and says what to install."""
    if (sentence := lacking("strace")) is not None:
        pytest.fail(sentence, pytrace=False)


@pytest.fixture(scope="session")
def recordings(strace: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recordings]:
    """What servers do to their disk; those that nobody has asked for by the end are left out."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield Recordings(tmp_path_factory.mktemp("recordings"), threads)
        threads.shutdown(cancel_futures=True)
