"""A page in a real browser, and what it complained of or asked for."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# As root chromium has no sandbox; nothing that it loads here is foreign.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]


@dataclass
class Watched:
    """A page, and what it complained of or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note what happens from now on; a policy that is violated is a message of the console."""
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._note_request)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.urls.append(request.url)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium; it ends with the block."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@contextmanager
def watched_page(browser: Browser, **options: Any) -> Iterator[Watched]:
    """A page of its own, with nothing of others' cookies; `options` are those of its context."""
    context = browser.new_context(**options)
    noting = Watched(context.new_page())
    noting.watch()
    yield noting
    context.close()
