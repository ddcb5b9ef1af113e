"""The files of the demo model put into the sandbox's bucket by the keys of the screen of models."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from console_scenes import settled, text_of
from sandbox_console import Opened, sandbox_console

from console.config import Config
from console.model.models.file_rows import Match, file_rows
from console.model.models.snapshot import Stage, Work
from console.sources.tools import BUNDLED

OBJECTS = "/storage/v1/b/sandbox-z-image-models/o"
TRANSFORMER = "z_image_demo-Q8_0.gguf"
ENCODER = "qwen3_demo-Q8_0.gguf"
VAE = "ae_demo.safetensors"


@pytest.fixture(autouse=True)
def _remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let uploads be remembered in a directory of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "remembered"))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The files of the demo model in a directory of their own."""
    made = tmp_path / "models"
    made.mkdir()
    for name in (TRANSFORMER, ENCODER, VAE):
        (made / name).write_bytes((BUNDLED / name).read_bytes())
    return made


def live(opened: Opened, name: str) -> Match | None:
    rows = file_rows(opened.store.models)
    kept = (Match.DELETED, Match.REPLACED)
    return next((row.match for row in rows if row.name == name and row.match not in kept), None)


async def remove(opened: Opened, name: str) -> None:
    address = f"http://{opened.sandbox.endpoints.http}{OBJECTS}/{name}"
    (await opened.http.delete(address)).raise_for_status()


async def on_models(opened: Opened) -> None:
    """Go to the screen, and wait until both sides are known."""
    await opened.pilot.press("f6")
    await opened.until(
        lambda: opened.store.models.here is not None and opened.store.models.there is not None
    )


async def said(opened: Opened, words: str) -> None:
    """Wait until the screen says something: what a modal finds out is in no store."""
    for _ in range(2_000):
        await settled(opened.app, opened.pilot)
        if words in text_of(opened.app):
            return
    raise AssertionError(f"{words!r} is not in\n{text_of(opened.app)}")


async def test_what_is_missing_in_the_bucket_is_pushed_by_its_keys(
    config: Config, environment: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    config = replace(config, models=str(directory))
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await remove(opened, TRANSFORMER)
        await remove(opened, VAE)
        await on_models(opened)
        await opened.until(lambda: live(opened, TRANSFORMER) is Match.ONLY_HERE)
        assert live(opened, ENCODER) is Match.ALIKE

        await opened.pilot.press("P")
        await said(opened, "y pushes")
        shown = text_of(opened.app)
        assert "6.2 MB of 7.4 MB" in shown
        assert "there already" in shown
        await opened.pilot.press("y")
        await opened.until(
            lambda: opened.store.models.job is not None and not opened.store.models.job.running
        )
        job = opened.store.models.job
        assert job is not None
        assert (job.work, job.stage) == (Work.PUSH, Stage.DONE)
        await said(opened, "all of it is there, byte for byte")
        await opened.pilot.press("escape")

        await opened.until(
            lambda: all(live(opened, name) is Match.SAME for name in (TRANSFORMER, ENCODER, VAE))
        )
        shown = await opened.screen("f6")
        assert "there   ✓ a whole model, 7.4 MB" in shown
        assert "deleted" in shown

        await opened.pilot.press("P")
        await said(opened, "all of it is there already")


async def test_a_file_that_was_changed_is_found_by_comparing_and_replaced_when_agreed_to(
    config: Config, environment: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    config = replace(config, models=str(directory))
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        bucket = f"http://{opened.sandbox.endpoints.http}/upload{OBJECTS}"
        changed = bytearray((directory / VAE).read_bytes())
        changed[-1] ^= 1
        upload = await opened.http.post(
            bucket, params={"uploadType": "media", "name": VAE}, content=bytes(changed)
        )
        upload.raise_for_status()
        await on_models(opened)
        await opened.pilot.press("v")
        await opened.until(lambda: live(opened, VAE) is Match.DIFFERENT)
        assert live(opened, TRANSFORMER) is Match.SAME

        await opened.pilot.press("P")
        await said(opened, f"y replaces {VAE}")
        await opened.pilot.press("y")
        await opened.until(lambda: live(opened, VAE) is Match.SAME)


async def test_a_directory_without_a_model_is_refused_before_anything_is_sent(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    config = replace(config, models=str(empty))
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await on_models(opened)
        assert "here    ▲ no whole model" in await opened.screen("f6")
        await opened.pilot.press("P")
        await said(opened, "✗ nothing can be pushed")


async def test_a_push_that_was_stopped_is_gone_on_with(
    config: Config, environment: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    config = replace(config, models=str(directory))
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await remove(opened, TRANSFORMER)
        await on_models(opened)
        await opened.until(lambda: live(opened, TRANSFORMER) is Match.ONLY_HERE)
        await opened.pilot.press("P")
        await said(opened, "y pushes")
        await opened.begin("storage-unavailable")
        await opened.pilot.press("y")
        await said(opened, "s stops it, esc leaves it running")
        await opened.pilot.press("escape", "1", "f6", "P")
        await said(opened, "s stops it, esc leaves it running")
        await opened.pilot.press("s")
        await said(opened, "▲ stopped, ")
        assert live(opened, TRANSFORMER) is Match.ONLY_HERE
        await opened.end("storage-unavailable")

        await opened.pilot.press("escape", "P")
        await said(opened, "y pushes")
        await opened.pilot.press("y")
        await opened.until(lambda: live(opened, TRANSFORMER) is Match.SAME)


async def test_a_push_that_was_left_by_quitting_is_gone_on_with_by_another_console(
    config: Config, environment: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    with (directory / TRANSFORMER).open("ab") as file:
        # The engine minds no bytes after the last tensor of a GGUF file.
        file.write(random.Random(4).randbytes(60 << 20))
    config = replace(config, models=str(directory))
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await on_models(opened)
        await opened.until(lambda: live(opened, TRANSFORMER) is Match.DIFFERENT)
        await opened.pilot.press("P")
        await said(opened, f"y replaces {TRANSFORMER}")
        await opened.pilot.press("l", *"12MB/s", "enter")
        await said(opened, "12.0 MB/s, the limit")
        await opened.pilot.press("y")
        await opened.until(lambda: kept(opened) > 10_000_000)
        # However long the machine takes for what follows, the push does not come to its end.
        await opened.begin("storage-unavailable")
        await opened.pilot.press("escape", "q")
        await said(opened, "A push goes on")
        await opened.pilot.press("y")
        assert opened.app.return_value == 0
        before = kept(opened)
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await on_models(opened)
        await opened.pilot.press("P")
        await said(opened, f"y replaces {TRANSFORMER}")
        await opened.pilot.press("y")
        await opened.until(lambda: live(opened, TRANSFORMER) is Match.SAME)
        job = opened.store.models.job
        assert job is not None
        assert job.progress.passed <= job.progress.size - before, "what had arrived was kept"


def kept(opened: Opened) -> int:
    job = opened.store.models.job
    return 0 if job is None else job.progress.kept
