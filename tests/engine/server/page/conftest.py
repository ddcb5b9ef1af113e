from __future__ import annotations

from collections.abc import Iterator

import pytest
from running_engine import RunningEngine

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")

from visits import FLAGS, Visit, browser_file, visiting  # noqa: E402


# Playwright's own event loop runs in this thread as long as it lives, so it ends with each module.
@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    file = browser_file()
    if file is None:
        pytest.skip("no Chromium on the PATH")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=file, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: playwright.Browser, engine: RunningEngine) -> Iterator[Visit]:
    """A first visit to the page of an engine that is ready."""
    with visiting(browser, engine.url) as opened:
        yield opened
