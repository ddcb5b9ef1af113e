"""Fixed moments in the life of a console, for tests that look at screens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PIL import Image, ImageDraw
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.config import Config
from console.model.images import MadePicture, Run, RunState
from console.model.log.lines import Severity
from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.screens.base import Surroundings
from console.session.engine_session import Session
from console.store import Store
from engine.schema import GenerationRequest, Phase, Readiness, Size, StartupEvent

SCENES = ("starting", "ready", "running", "done", "failed")
NOON = datetime(2026, 11, 23, 12, 0, 0, 301_000, tzinfo=UTC)
PROMPT = "a red circle on a white background"
TIMELINE = (
    StartupEvent(Phase.PROCESS_START, 0.0),
    StartupEvent(Phase.PORT_OPEN, 0.31),
    StartupEvent(Phase.WEIGHTS_READ, 1.20, "qwen3-q8_0.gguf", 3_100_000, 0.21),
    StartupEvent(Phase.WEIGHTS_READ, 1.43, "z-image-q8_0.gguf", 6_200_000, 0.23),
    StartupEvent(Phase.IMPORTS_DONE, 1.62),
    StartupEvent(Phase.WEIGHTS_READ, 1.71, "ae.safetensors", 1_400_000, 0.09),
    StartupEvent(Phase.ON_DEVICE, 1.92),
    StartupEvent(Phase.WARM, 2.21),
    StartupEvent(Phase.READY, 2.22),
)


def png(width: int = 128, height: int = 128) -> bytes:
    """A red circle on white, as PNG."""
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).ellipse(
        (width // 5, height // 5, 4 * width // 5, 4 * height // 5), fill="#c8372d"
    )
    encoded = BytesIO()
    image.save(encoded, "PNG")
    return encoded.getvalue()


def made(prompt: str = PROMPT, seed: int = 42) -> MadePicture:
    return MadePicture(
        prompt=prompt,
        size=Size(128, 128),
        steps=8,
        seed=seed,
        seconds=1.92,
        made_at=NOON,
        png=png(),
        path=Path("/pictures/a-red-circle-42.png"),
    )


def say(store: Store, *lines: tuple[Severity, str]) -> None:
    """Append log lines, a third of a second apart."""
    for text in lines:
        moment = NOON + timedelta(milliseconds=333 * len(store.logs))
        store.add_log(moment, text[0], SafeText(text[1]), "said", {"seconds": 0.33})


def scene(name: str) -> Store:
    """A store as it is at one of the `SCENES`."""
    store = Store()
    store.set_service(_service(name))
    info = Severity.INFO
    say(store, (info, "engine started"), (info, "port 40123 is open after 0.31 s"))
    if name == "failed":
        say(store, (Severity.ERROR, "z-image-q8_0.gguf is truncated"))
    elif name != "starting":
        say(store, (info, "ready after 2.22 s"), (Severity.WARNING, "queue full (1/1)"))
    request = GenerationRequest(PROMPT)
    if name == "starting":
        store.put_run(Run(1, request, total=8))
    if name in ("running", "done"):
        store.add_picture(made("一个蓝色的三角形，背景是黄色", seed=7))
    if name == "running":
        store.put_run(Run(1, request, RunState.RUNNING, tokens=9, step=3, total=8))
    if name == "done":
        store.add_picture(made())
        store.put_run(Run(1, request, RunState.DONE, 0, 9, 8, 8, 1.92, made()))
    return store


def _service(name: str) -> ServiceSnapshot:
    starting = ServiceSnapshot(
        state=ServiceState.STARTING,
        url="http://127.0.0.1:40123",
        pid=48213,
        timeline=TIMELINE[:4],
        readiness=Readiness(False, Phase.WEIGHTS_READ, 62, "reading z-image-q8_0.gguf"),
    )
    if name == "starting":
        return starting
    if name == "failed":
        problem = "z-image-q8_0.gguf is truncated: 4,096 of 6,200,000 bytes; fetch it again"
        return replace(
            starting, state=ServiceState.FAILED, url=None, pid=None, problem=SafeText(problem)
        )
    return replace(
        starting,
        state=ServiceState.READY,
        model=SafeText("zimage-demo"),
        timeline=TIMELINE,
        readiness=Readiness(True, Phase.READY, 100, "ready"),
    )


class QuietSession(Session):
    """A session that takes prompts, cancels and saves, but starts no engine."""

    async def run(self) -> None:
        await asyncio.Event().wait()


@asynccontextmanager
async def opened(
    store: Store,
    size: tuple[int, int] = (80, 24),
    *,
    saved_to: Path = Path("/nowhere"),
    on: str = "overview",
    looks: Mapping[str, Any] | None = None,
    **surroundings: Any,
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    """A console on `store`, with a real session but no engine, painted and at rest.

    It shows the screen `on` as if it had been gone to, without any other having been painted.
    `looks` are its theme and what its lines go through.
    """
    config = Config(pictures_directory=saved_to)
    # Textual looks at it when an application is made, and never again.
    with patch.object(ConsoleApp, "DEFAULT_MODE", on):
        app = ConsoleApp(
            Surroundings(store, lambda: 100.0, **surroundings),
            lambda one: QuietSession(one, config),
            repaint_interval=0.0,
            **(looks or {}),
        )
    async with app.run_test(size=size, notifications=True) as pilot:
        await app.show_screen(on)
        await settled(app, pilot)
        try:
            yield app, pilot
        finally:
            await app.end_session()


def write(app: ConsoleApp, text: str, field: str = "prompt") -> None:
    """Put text into an input at once, as a paste does; pressing keys one by one takes long."""
    asked = app.screen.query_one(f"#{field}", Input)
    asked.focus()
    asked.value = text


async def settled(app: ConsoleApp, pilot: Pilot[int]) -> None:
    """Wait until everything asked for is painted, pictures too.

    A pause ends when the process is idle, and on a busy machine it is idle while it waits for a
    processor: so every widget has three turns more, whatever the time.
    """
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()
    for _ in range(3):
        await pilot.pause(0)


def text_of(app: ConsoleApp) -> str:
    """The characters on screen, one line for each row, without trailing blanks."""
    width, height = app.size
    update = app.screen._compositor.render_strips()
    rows = ["".join(segment.text for segment in strip) for strip in update[:height]]
    return "\n".join(row[:width].rstrip() for row in rows) + "\n"
