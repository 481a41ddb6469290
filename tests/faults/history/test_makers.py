"""Who has made an entry, when several may have: nobody is blamed for what another one did."""

from tests.faults.history.checker import check
from tests.faults.history.test_checker import Wish, history_of
from tests.faults.history.violations import told

# The first attempt never arrived; the one without a key did; then the first is made again.
A_REPETITION_COMES_TOO_LATE: list[Wish] = [
    ("reserve", 1, 0, "ada", None, (0, 0), "answered"),
    ("cancel", 1, 0, "ada", "k1", (0, 0), "lost"),
    ("cancel", 1, 0, "ada", None, (0, 0), "unanswered"),
    ("cancel", 1, 0, "ada", "k1", (0, 0), "answered"),
]


def test_a_key_that_is_refused_later_has_made_nothing_before() -> None:
    history = history_of(A_REPETITION_COMES_TOO_LATE)
    assert history.operations[-2].code == "already_cancelled"
    violations = check(history).violations
    assert not violations, told(violations)
