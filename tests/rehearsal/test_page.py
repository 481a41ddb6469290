"""The report in a real browser: it needs nothing from elsewhere and fits a telephone."""

import shutil
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import sync_playwright

from tests.unit.rehearsed import evidence
from ticketboss.rehearsal.drop import Course
from ticketboss.rehearsal.findings import Findings
from ticketboss.rehearsal.page import page
from ticketboss.rehearsal.profile import Profile

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# As root chromium has no sandbox; nothing that it loads here is foreign.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
WIDTHS = (360, 1_400)
# What the styles make of the page; a policy that refused them would leave it without.
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 21, 27)"}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The report of a drop with every kind of errand in it, and of a broken promise."""
    found = evidence()
    course = Course(wishes=3, told=list(found.told), answered=3, seconds=1.1, kills=[0.25])
    path = tmp_path / "report.html"
    broken = ["Over-sold: partners were promised 12 seats of 10."]
    findings = Findings(profile=Profile(kills=1), course=course, evidence=found, broken=broken)
    path.write_text(page(findings, 0))
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_loads_nothing_complains_about_nothing_and_fits(
    report: Path, scheme: Literal["light", "dark"]
) -> None:
    asked: list[str] = []
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for width in WIDTHS:
            tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            tab.on("request", lambda request: asked.append(request.url))
            tab.on("console", lambda message: said.append(message.text))
            tab.goto(report.as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") == width
            assert tab.get_by_role("img").count() == 3
            assert tab.get_by_text("Over-sold: partners were promised").is_visible()
            colour = tab.evaluate("getComputedStyle(document.body).backgroundColor")
            assert colour == PAPER[scheme]
        browser.close()

    assert asked == [report.as_uri()] * len(WIDTHS)
    assert said == []
