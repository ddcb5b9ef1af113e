from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from running_engine import RunningEngine
from visits import FLAGS, Visit, browser_file, visiting


# Playwright's own event loop runs in this thread as long as it lives, so it ends with each module.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    file = browser_file()
    if file is None:
        pytest.skip("no Chromium on the PATH (Debian: apt install chromium)")
    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=file, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser, engine: RunningEngine) -> Iterator[Visit]:
    """A first visit to the page of an engine that is ready."""
    with visiting(browser, engine.url) as opened:
        yield opened
