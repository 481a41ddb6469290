"""What became of the mutants, by package: `python -m tests.mutants`, after `mutmut run`.

The exit status is 1 where a package has fewer killed than KILLED_PERCENT_MIN of all its mutants;
one that was not tried was not killed.
"""

import json
import sys
from collections import Counter
from pathlib import Path

RESULTS = Path("mutants") / "ticketboss"
PACKAGES = ("domain", "engine")
KILLED_PERCENT_MIN = 90
# mutmut's exit statuses; whatever else a mutant ended with is not taken for a kill.
OUTCOMES = {
    0: "survived",
    1: "killed",
    3: "killed",
    5: "not reached",
    33: "not reached",
    24: "timed out",
    36: "timed out",
    -24: "timed out",
    None: "not tried",
}
# A test that waits for ever has noticed the mutant.
NOTICED = ("killed", "timed out")


def outcomes(package: Path) -> dict[str, str]:
    """What became of each mutant of a package, by its name."""
    found: dict[str, str] = {}
    for path in sorted(package.rglob("*.meta")):
        statuses = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        found |= {name: OUTCOMES.get(status, "spoilt") for name, status in statuses.items()}
    return found


def summary(results: Path) -> tuple[list[str], bool]:
    """The lines to print, and whether enough were killed in every package."""
    lines, enough = [], True
    for package in PACKAGES:
        found = outcomes(results / package)
        lines += [f"{name}: {what}" for name, what in found.items() if what not in NOTICED]
        counts = Counter(found.values())
        noticed = sum(counts[what] for what in NOTICED)
        enough = enough and noticed * 100 >= len(found) * KILLED_PERCENT_MIN > 0
        share = f"{noticed / len(found):.1%}" if found else "0 %"
        told = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()))
        lines.append(f"{package}/: {len(found):,} mutants, {share} noticed ({told or 'none made'})")
    return lines, enough


def main() -> int:
    """Print the survivors and the figures; gives the exit status."""
    lines, enough = summary(RESULTS)
    sys.stdout.write("\n".join([*lines, ""]))
    if not enough:
        sys.stderr.write(f"Less than {KILLED_PERCENT_MIN} % of a package were noticed.\n")
    return not enough


if __name__ == "__main__":
    raise SystemExit(main())
