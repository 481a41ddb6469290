"""Some seeds in the test's own process, for `make mutants` cannot see which code others run."""

import pytest

from tests.faults.simulation.run import simulate_all

pytestmark = pytest.mark.sqlite_only("it asks no database")

SEEDS = range(1, 41)


def test_the_first_seeds_show_no_violation() -> None:
    assert [each.violations for each in simulate_all(SEEDS)] == [[] for _ in SEEDS]
