"""Visits to the page in a real Chromium, each in a browser profile of its own.

Whatever a visit shows that no visit should (script errors, violations of the page's policy,
requests to anybody else) is kept, and looked at when it ends.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect

PATIENCE_MS = 30_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Another machine's name: browsers trust this machine's own more, even without https.
    "--host-resolver-rules=MAP engine.test 127.0.0.1",
)
# What the browser itself writes about answers that the page is prepared for: 401, 429, 503, none.
EXPECTED = "Failed to load resource"

expect.set_options(timeout=PATIENCE_MS)


def browser_file() -> str | None:
    """The browser on this machine."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class Visit:
    """A page that is open, with words for what a visitor does."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)
        page.goto(url)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
            self.complaints.append(message.text)

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.url, "blob:", "data:")):
            self.complaints.append(f"asked {request.url}")

    def at(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.at(f"#{name}").fill(value)

    def choose_size(self, width: int, height: int) -> None:
        self.at(
            ".chip",
        ).last.click()
        self.fill(width=str(width), height=str(height))

    def order(self, prompt: str, **fields: str) -> None:
        """Fill in the form and send it."""
        self.fill(prompt=prompt, **fields)
        self.at("#make").click()

    def order_long(self, prompt: str) -> None:
        """Ask for what nobody will ever wait for."""
        self.choose_size(512, 512)
        self.order(prompt, steps="50", count="10")

    def wait_until_made(self) -> None:
        expect(self.at("#frame")).to_have_attribute("data-state", "done")
        expect(self.at("#under-way")).to_be_hidden()

    def make(self, prompt: str, **fields: str) -> None:
        """Order a small picture and wait for it."""
        self.choose_size(64, 64)
        self.order(prompt, **{"steps": "1", "count": "1", **fields})
        self.wait_until_made()

    def shots(self) -> Locator:
        """The pictures in the gallery."""
        return self.at("#shots .shot")


@contextmanager
def visiting(browser: Browser, url: str, **how: Any) -> Iterator[Visit]:
    """Open the page, and look at the end whether anything was wrong with it."""
    context = browser.new_context(**{"locale": "en", "reduced_motion": "reduce", **how})
    context.set_default_timeout(PATIENCE_MS)
    visit = Visit(context.new_page(), url)
    try:
        yield visit
    finally:
        context.close()
    assert visit.complaints == []
