"""Draws the pictures of the web page that the documents show, and more of them to look at.

    python tools/page_pictures.py [DIRECTORY]

Runs the real page in Chromium against the bundled model, and writes page-NAME.png for each scene:
into docs/images the few that are shown there, into DIRECTORY all of them. Needs Chromium and Noto
Sans CJK (Debian: chromium, fonts-noto-cjk).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

IMAGES: Final = Path(__file__).parent.parent / "docs" / "images"
SHOWN: Final = ("light", "dark", "phone")
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
BROWSER_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP: Final = (1440, 900)
PHONE: Final = (360, 740)
PATIENCE_MS: Final = 60_000
PROMPTS: Final = (
    "a large green ring on black",
    "黄色背景上的蓝色三角形",
    "a small yellow star on blue",
    "a purple cross on cyan",
    "a pink circle on a purple background",
    "a red circle on a white background",
)


@contextmanager
def running_engine(environ: Mapping[str, str]) -> Iterator[str]:
    """Run an engine with the bundled model on a free port; gives its address."""
    command = [sys.executable, "-m", "engine", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(environ))
    assert process.stdout is not None
    try:
        port = next(line["port"] for line in map(json.loads, process.stdout) if "port" in line)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()


class Camera:
    """Opens the page in one way, and keeps what it shows."""

    def __init__(self, browser: Browser, directory: Path) -> None:
        self._browser = browser
        self._directory = directory

    @contextmanager
    def page(
        self, url: str, *, size: tuple[int, int] = DESKTOP, dark: bool = False, locale: str = "en"
    ) -> Iterator[Page]:
        """Open the page in a browser that has never been there."""
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale=locale,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(url)
        yield page
        context.close()

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Write what is on screen as page-NAME.png."""
        page.evaluate("document.getElementById('notices').replaceChildren()")
        page.mouse.move(0, 0)
        picture = Image.open(io.BytesIO(page.screenshot(full_page=whole))).convert("RGB")
        places = {self._directory} | ({IMAGES} if name in SHOWN else set())
        for place in places:
            place.mkdir(parents=True, exist_ok=True)
            picture.save(place / f"page-{name}.png", optimize=True)


def make(page: Page, prompt: str, **fields: str) -> None:
    """Ask for a picture and wait until it is there."""
    ask(page, prompt, **fields)
    expect(page.locator("#frame")).to_have_attribute("data-state", "done")
    expect(page.locator("#under-way")).to_be_hidden()


def ask(page: Page, prompt: str, **fields: str) -> None:
    """Fill in the form and send it."""
    page.locator("#prompt").fill(prompt)
    for name, value in fields.items():
        page.locator(f"#{name}").fill(value)
    page.locator("#make").click()


def work(camera: Camera, url: str) -> None:
    """The page as it is most of the time."""
    for name, dark, locale in (
        ("light", False, "en"),
        ("dark", True, "en"),
        ("zh", False, "zh-CN"),
    ):
        with camera.page(url, dark=dark, locale=locale) as page:
            expect(page.locator("#examples button")).to_have_count(3)
            camera.take(page, f"{name}-welcome")
            for seed, prompt in enumerate(PROMPTS, 1):
                make(page, prompt, seed=str(seed))
            page.locator("#prompt").fill("")
            page.locator("#prompt").fill(PROMPTS[-1])
            camera.take(page, name)
            camera.take(page, f"{name}-whole", whole=True)
            page.locator(".shot").nth(1).click()
            expect(page.locator("#viewer")).to_be_visible()
            camera.take(page, f"{name}-viewer")


def phone(camera: Camera, url: str) -> None:
    """The page on a narrow screen."""
    with camera.page(url, size=PHONE) as page:
        expect(page.locator("#examples button")).to_have_count(3)
        camera.take(page, "phone-form")
        for seed, prompt in enumerate(PROMPTS[-3:], 1):
            make(page, prompt, seed=str(seed))
        camera.take(page, "phone")
        camera.take(page, "phone-whole", whole=True)
        page.locator(".shot").first.click()
        camera.take(page, "phone-viewer")


def moments(camera: Camera, url: str) -> None:
    """What is seen for a moment only."""
    with camera.page(url) as page:
        expect(page.locator("#examples button")).to_have_count(3)
        page.locator("#open-help").click()
        camera.take(page, "help")
        page.keyboard.press("Escape")
        page.locator(".chip", has_text="Other").click()
        page.locator("#width").fill("256")
        page.locator("#height").fill("256")
        ask(page, PROMPTS[2], steps="50", seed="3")
        preview = page.locator("#frame img.rough.shown")
        expect(preview).to_be_visible(timeout=PATIENCE_MS)
        camera.take(page, "working")
        expect(page.locator("#under-way")).to_be_hidden()
        page.locator("#width").fill("128")
        page.locator("#height").fill("128")
        page.locator("summary").click()
        make(page, PROMPTS[2], count="4", steps="8")
        camera.take(page, "several")


def start(camera: Camera, environ: Mapping[str, str]) -> None:
    """An engine that loads, ends, and asks for a key."""
    with running_engine(environ) as url, camera.page(url) as page:
        expect(page.locator("#welcome-title")).to_have_text("The engine is loading")
        camera.take(page, "loading")
    with running_engine(environ) as url, camera.page(url) as page:
        make(page, PROMPTS[0])
        ask(page, PROMPTS[0], steps="50", count="10")
        expect(page.locator("#phase")).to_contain_text("Step")
        page.route("**/*", lambda route: route.abort())
        page.evaluate("document.getElementById('cancel').click()")
        ask(page, PROMPTS[0])
        expect(page.locator("#engine")).to_have_attribute("data-state", "offline")
        camera.take(page, "offline")
    locked = {**environ, "ZIMAGE_API_KEY": "open sesame"}
    with running_engine(locked) as url, camera.page(url) as page:
        page.locator("#key").fill("sesame")
        page.locator("#key-use").click()
        expect(page.locator("#key-trouble")).to_be_visible()
        camera.take(page, "key")


def main() -> None:
    """Draw every scene."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("directory", nargs="?", type=Path, default=IMAGES)
    directory: Path = parser.parse_args().directory
    browser_file = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_file is None:
        sys.exit("no Chromium on the PATH; install it (Debian: apt install chromium)")
    expect.set_options(timeout=PATIENCE_MS)
    scenes: tuple[Callable[[Camera, str], None], ...] = (work, phone, moments)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_file, args=[*BROWSER_FLAGS])
        camera = Camera(browser, directory)
        with running_engine(os.environ) as url:
            for scene in scenes:
                scene(camera, url)
        start(camera, os.environ)
        browser.close()


if __name__ == "__main__":
    main()
