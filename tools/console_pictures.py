"""Draws the pictures of the console that the documents show: docs/images, and zh in it for Chinese.

    python tools/console_pictures.py        in every language
    python tools/console_pictures.py zh     in one

Runs the real console on the bundled model, here and in a sandbox, writes prompts, and draws what
is on screen cell by cell with Pillow. Needs DejaVu Sans Mono and Noto Sans CJK (Debian:
fonts-dejavu, fonts-noto-cjk).
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.style import Style
from textual.pilot import Pilot
from textual.strip import Strip

from console.app import ConsoleApp
from console.config import Config
from console.contexts.opening import open_cloud
from console.contexts.session_life import SessionLike
from console.deploying import deploy_desk
from console.language import ENGLISH, LANGUAGES, spoken, use
from console.model.contexts import LOCAL, SANDBOX
from console.model.images import RunState
from console.model.service import ServiceState
from console.paths import sandbox_directory
from console.screens.base import Surroundings
from console.screens.modals.deploy_form import DeployForm
from console.session.cloud_session import CloudSession
from console.session.deploy_desk import DeployDesk
from console.session.engine_session import Session
from console.sources.sandbox_process import sandbox_command
from console.store import Store

IMAGES = Path(__file__).parent.parent / "docs" / "images"
FONTS = Path("/usr/share/fonts")
CELL = (10, 20)
SIZE = (110, 34)
BACKGROUND = "#0f1319"
FOREGROUND = "#d3d9e3"
EIGHTHS = " ▏▎▍▌▋▊▉█"
PROMPTS = (
    "a red circle on a white background",
    "黄色背景上的蓝色三角形",
    "a small green star",
)
PATIENCE = 120.0
STARTS = 6
SLOW = ("slow-mount", "400000")
"""Bytes a second, of a model of 6 MB."""


class Pen:
    """Draws strips into an image."""

    def __init__(self, columns: int, rows: int) -> None:
        self.image = Image.new("RGB", (columns * CELL[0], rows * CELL[1]), BACKGROUND)
        self._draw = ImageDraw.Draw(self.image)
        mono = FONTS / "truetype" / "dejavu"
        self._plain = ImageFont.truetype(mono / "DejaVuSansMono.ttf", 16)
        self._bold = ImageFont.truetype(mono / "DejaVuSansMono-Bold.ttf", 16)
        self._wide = ImageFont.truetype(FONTS / "opentype" / "noto" / "NotoSansCJK-Regular.ttc", 18)

    def strip(self, row: int, strip: Strip) -> None:
        """Draw one row."""
        column = 0
        for text, style, _ in strip:
            for character in text:
                self._cell(column, row, character, style or Style.null())
                column += cell_len(character)

    def _cell(self, column: int, row: int, character: str, style: Style) -> None:
        ink, paper = _colour(style, FOREGROUND, True), _colour(style, BACKGROUND, False)
        if style.reverse:
            ink, paper = paper, ink
        width, height = CELL
        x, y = column * width, row * height
        wide = width * max(1, cell_len(character))
        self._draw.rectangle((x, y, x + wide - 1, y + height - 1), paper)
        if character == "▀":
            self._draw.rectangle((x, y, x + width - 1, y + height // 2 - 1), ink)
        elif character in EIGHTHS[1:]:
            filled = max(1, round(width * EIGHTHS.index(character) / 8))
            self._draw.rectangle((x, y, x + filled - 1, y + height - 1), ink)
        elif not character.isspace():
            plain = self._bold if style.bold else self._plain
            font = self._wide if wide > width else plain
            self._draw.text((x, y + 15), character, ink, font=font, anchor="ls")


def _colour(style: Style, otherwise: str, foreground: bool) -> str:
    colour = style.color if foreground else style.bgcolor
    return otherwise if colour is None or colour.triplet is None else colour.triplet.hex


def draw(app: ConsoleApp, name: str) -> None:
    """Write what is on screen to a file of the language that is spoken."""
    pen = Pen(*SIZE)
    for row, strip in enumerate(app.screen._compositor.render_strips()[: SIZE[1]]):
        pen.strip(row, strip)
    folder = IMAGES if spoken() == ENGLISH else IMAGES / spoken()
    folder.mkdir(exist_ok=True)
    pen.image.quantize(128).save(folder / f"{name}.png", optimize=True)


async def until(store: Store, true: Callable[[], bool]) -> None:
    """Wait until the store makes `true` so."""
    changed = asyncio.Event()
    unsubscribe = store.subscribe(lambda _: changed.set())
    async with asyncio.timeout(PATIENCE):
        while not true():
            changed.clear()
            await changed.wait()
    unsubscribe()


async def drive(app: ConsoleApp, store: Store, pilot: Pilot[int]) -> None:
    """Make pictures and draw the screens."""
    await until(store, lambda: store.service.state is ServiceState.READY)
    await pilot.press("5")
    for number, prompt in enumerate(PROMPTS, 1):
        await pilot.press(*prompt, "enter")
        await until(store, partial(_done, store, number))
    for name, key in (("generate", "f5"), ("logs", "f3"), ("overview", "f1")):
        await pilot.press("escape", key)
        await at_rest(app, pilot)
        draw(app, name)


async def drive_both(app: ConsoleApp, store: Store, pilot: Pilot[int]) -> None:
    """Make one picture by the service and on this machine, and draw the screen."""
    await until(store, lambda: store.service.state is ServiceState.AT_ZERO)
    await pilot.press("5", "ctrl+t", "ctrl+t", *PROMPTS[0], "enter")
    await until(store, partial(_done, store, 1))
    await until(store, partial(_done, store, 2))
    await at_rest(app, pilot)
    draw(app, "here-and-there")


async def drive_deployment(app: ConsoleApp, store: Store, pilot: Pilot[int]) -> None:
    """Plan a deployment of what the sandbox's service is, and draw the plan."""
    await until(store, lambda: store.service.facts is not None)
    await pilot.press("7")
    await until(store, lambda: store.deploy.seen is not None)
    await pilot.press("n")
    while not isinstance(app.screen, DeployForm):
        await at_rest(app, pilot)
    await pilot.press("enter")
    await until(store, lambda: store.deploy.plan is not None and store.deploy.looking is None)
    while app.screen.has_class("-unplanned"):
        await at_rest(app, pilot)
    draw(app, "deploy")


async def drive_starts(app: ConsoleApp, store: Store, pilot: Pilot[int], fault: Fault) -> None:
    """Wake the service again and again, the last time slowly, and draw why, and what it costs."""
    await pilot.press("5")
    for number in range(1, STARTS + 1):
        await until(store, lambda: store.service.state is ServiceState.AT_ZERO)
        if number == STARTS:
            await fault()
        await pilot.press(*PROMPTS[0], "enter")
        await until(store, partial(_done, store, number))
    await until(store, lambda: sum(one.waited for one in store.starts.starts) == STARTS)
    await pilot.press("escape", "f2")
    await at_rest(app, pilot)
    draw(app, "cold-starts")
    await until(store, lambda: store.cost.report is not None)
    await pilot.press("f4")
    await at_rest(app, pilot)
    draw(app, "cost")
    await pilot.press("f6")
    await until(store, lambda: store.models.there is not None)
    await at_rest(app, pilot)
    draw(app, "models")


async def at_rest(app: ConsoleApp, pilot: Pilot[int]) -> None:
    """Wait until everything is painted, pictures too."""
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()


def _done(store: Store, number: int) -> bool:
    return len(store.runs) >= number and store.runs[number - 1].state is RunState.DONE


Fault = Callable[[], Coroutine[None, None, None]]
Drive = Callable[[ConsoleApp, Store, Pilot[int]], Coroutine[None, None, None]]


def deployer(context: str, store: Store) -> DeployDesk | None:
    """Return what takes wishes about a deployment."""
    return deploy_desk(store, context, None)


async def run(context: str, open_session: Callable[[Store], SessionLike], drive: Drive) -> None:
    """Run the console in a terminal that exists only in memory."""
    store = Store()
    around = Surroundings(store, time.monotonic, context=context, restarts=context == LOCAL)
    app = ConsoleApp(around, open_session, open_deployer=deployer)
    async with app.run_test(size=SIZE) as pilot:
        try:
            await drive(app, store, pilot)
        finally:
            await app.end_session()


async def slow_down(state: Path) -> None:
    """Let files come slowly from the sandbox's bucket from now on."""
    name, amount = SLOW
    command = (sys.executable, "-m", "console.sandbox", "fault", name, "on", amount)
    process = await asyncio.create_subprocess_exec(*command, "--state", str(state))
    assert await process.wait() == 0


async def main() -> None:
    """Draw every picture in the language that is spoken."""
    with tempfile.TemporaryDirectory() as directory:
        here = Config(pictures_directory=Path(directory) / "pictures")
        sandbox = replace(here, context=SANDBOX)
        os.environ["XDG_STATE_HOME"] = str(Path(directory) / "state")
        way = partial(open_cloud, SANDBOX, os.environ, sandbox_command(sandbox_directory()))
        await run(LOCAL, lambda store: Session(store, here), drive)
        await run(SANDBOX, lambda store: CloudSession(store, sandbox, way), drive_both)
        await run(SANDBOX, lambda store: CloudSession(store, sandbox, way), drive_deployment)
        state = Path(directory) / "sleepy"
        way = partial(open_cloud, SANDBOX, os.environ, [*sandbox_command(state), "--idle", "2"])
        history = Path(directory) / "history.sqlite3"
        opened = partial(CloudSession, config=sandbox, open_cloud=way, history=history)
        await run(SANDBOX, opened, partial(drive_starts, fault=partial(slow_down, state)))


if __name__ == "__main__":
    for language in sys.argv[1:] or LANGUAGES:
        use(language)
        asyncio.run(main())
