"""How pytest asks the tests about one mutant: each of them for a bounded time.

A mutant that makes a test wait for ever, or run in a circle, is noticed by that; the limit is far
above what the slowest of the chosen tests takes. A search that has found an example does not look
for a smaller one, and it is the same search for every mutant.
"""

import os
import signal
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import Phase, settings

TEST_SECONDS_MAX = 60
# mutmut's exit status for a mutant whose time is up.
TIMEOUT_STATUS = 36

settings.register_profile(
    "mutants",
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    # The tests without any mutant, which come first, must pass in whatever time they take.
    if "__mutmut_" in os.environ.get("MUTANT_UNDER_TEST", ""):
        signal.signal(signal.SIGALRM, _give_up)
        signal.alarm(TEST_SECONDS_MAX)
    try:
        return (yield)
    finally:
        signal.alarm(0)


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    # At once: threads that hang would keep the process from ending.
    os._exit(TIMEOUT_STATUS)
