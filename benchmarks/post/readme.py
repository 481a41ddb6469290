"""The table of parts as benchmarks/README.md shows it: that of the last official run."""

from pathlib import Path

from benchmarks.post.report import PARTS_HEAD

README = Path(__file__).parents[1] / "README.md"
BEGIN = "<!-- from results/post.md, which `make bench-post` writes -->"
END = "<!-- end of what is from results/post.md -->"


def table_in(report: str) -> str:
    """The table of parts in a report."""
    _, head, below = report.partition(PARTS_HEAD)
    return head + below.partition("\n\n")[0] + "\n"


def show_in(readme: Path, report: str) -> None:
    """Put the table of a report in place of the one that a page shows."""
    above, begin, rest = readme.read_text().partition(f"{BEGIN}\n")
    _, end, below = rest.partition(f"{END}\n")
    if not (begin and end):
        raise RuntimeError(f"{readme} has no place for the table.")
    readme.write_text(above + begin + table_in(report) + end + below)
