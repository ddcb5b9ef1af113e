"""The same picture by a service and by the engine on this machine, as the screen shows it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cloud_scenes import at_zero, awake, waking
from console_scenes import PROMPT, made, opened, png, settled, text_of, write
from in_languages import in_every_language

from console.model.images import MadePicture, Preview, Run, RunState, Target
from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.store import Store
from engine.schema import GenerationRequest, Phase, Readiness

SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
KNOWN = replace(at_zero(), starts=(5.8, 6.1, 7.2))
REQUEST = GenerationRequest(PROMPT, seed=42)
LOADING = ServiceSnapshot(
    state=ServiceState.STARTING,
    readiness=Readiness(False, Phase.WEIGHTS_READ, 62, "reading z-image-q8_0.gguf"),
)
HERE = ServiceSnapshot(state=ServiceState.READY)
REFUSED = SafeText("the service refused; a private service needs roles/run.invoker")


def by_service(**changes: Any) -> MadePicture:
    path = Path("/pictures/a-red-circle-42-2.png")
    there = {"took": 6.31, "maker": "sandbox", "target": Target.DEPLOYED, "path": path}
    return replace(made(), **(there | changes))


def store_with(
    service: ServiceSnapshot, *runs: Run, beside: ServiceSnapshot | None = None
) -> Store:
    store = Store()
    store.set_service(service)
    if beside is not None:
        store.set_beside(beside)
    for run in runs:
        if run.result is not None:
            store.add_picture(run.result)
        store.put_run(run)
    return store


def run(number: int, target: Target, state: RunState, **changes: Any) -> Run:
    return Run(number, REQUEST, state, total=8, target=target, sent_at=96.0, **changes)


HERE_DONE = run(
    1, Target.LOCAL, RunState.DONE, step=8, result=replace(made(), took=3.42), seconds=1.92
)
MOMENTS = {
    "zero": lambda: store_with(KNOWN),
    "unknown": lambda: store_with(at_zero()),
    "cold": lambda: store_with(
        KNOWN,
        run(1, Target.LOCAL, RunState.WAITING),
        run(2, Target.DEPLOYED, RunState.RUNNING),
        beside=LOADING,
    ),
    "waking": lambda: store_with(
        replace(waking(), starts=KNOWN.starts),
        HERE_DONE,
        run(2, Target.DEPLOYED, RunState.RUNNING),
        beside=HERE,
    ),
    "drawing": lambda: store_with(
        awake(),
        run(1, Target.LOCAL, RunState.RUNNING, tokens=9, step=5, preview=Preview(png(16, 16))),
        run(2, Target.DEPLOYED, RunState.RUNNING, tokens=9, step=2),
        beside=HERE,
    ),
    "done": lambda: store_with(
        awake(),
        HERE_DONE,
        run(2, Target.DEPLOYED, RunState.DONE, step=8, result=by_service()),
        beside=HERE,
    ),
    "refused": lambda: store_with(
        KNOWN,
        HERE_DONE,
        run(2, Target.DEPLOYED, RunState.FAILED, problem=REFUSED),
        beside=HERE,
    ),
}


def in_sandbox(
    store: Store, size: tuple[int, int] = (120, 36), on: str = "overview"
) -> AbstractAsyncContextManager[Any]:
    return opened(store, size, on=on, context="sandbox", restarts=False, draw_seed=lambda: 7)


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_both_targets_at_every_moment(
    moment: str, size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with in_sandbox(MOMENTS[moment](), SIZES[size]) as (app, pilot):
        await app.show_screen("generate")
        await settled(app, pilot)
        matches_golden(f"both-{moment}-{size}", text_of(app))


async def test_control_t_goes_through_the_targets() -> None:
    async with in_sandbox(store_with(awake()), on="generate") as (app, pilot):
        said = []
        for _ in range(4):
            await settled(app, pilot)
            row = text_of(app).splitlines()[4]
            said.append(row.partition("target")[2].rstrip(" │").strip())
            await pilot.press("ctrl+t")
        assert said == ["deployed", "local", "deployed and local", "deployed"]


async def test_for_both_one_seed_is_drawn_and_the_service_is_the_latest() -> None:
    store = store_with(awake())
    async with in_sandbox(store, on="generate") as (app, pilot):
        await pilot.press("ctrl+t", "ctrl+t")
        write(app, "a cat")
        await pilot.press("enter")
        await settled(app, pilot)
        requests = {one.request for one in store.runs}
        assert requests == {GenerationRequest("a cat", seed=7, previews=3)}


async def test_a_seed_that_was_written_is_kept() -> None:
    store = store_with(awake())
    async with in_sandbox(store, on="generate") as (app, pilot):
        await pilot.press("ctrl+t", "ctrl+t")
        write(app, "a cat")
        write(app, "99", "seed")
        await pilot.press("enter")
        await settled(app, pilot)
        assert [one.request.seed for one in store.runs] == [99, 99]


async def test_on_this_machine_there_is_nothing_to_choose() -> None:
    store = Store()
    async with opened(store, on="generate") as (app, pilot):
        await pilot.press("ctrl+t")
        await settled(app, pilot)
        assert "pictures are made on this machine here" in text_of(app)
        assert "Target" not in text_of(app)


async def test_an_older_picture_is_shown_next_to_the_one_another_engine_made_of_the_same() -> None:
    store = store_with(awake())
    store.add_picture(replace(made(), took=3.42))
    store.add_picture(by_service(png=png(64, 64)))
    store.add_picture(by_service(prompt="something else"))
    async with in_sandbox(store, on="generate") as (app, pilot):
        await pilot.press("escape")
        await settled(app, pilot)
        assert "─ Local ─" not in text_of(app)
        await pilot.press("left_square_bracket")
        await settled(app, pilot)
        assert "─ Deployed ─" in text_of(app)
        assert "─ Local ─" in text_of(app)
        assert "deployed 6.3 s (engine 1.9 s) · local 3.4 s (engine 1.9 s) · of" in text_of(app)


async def test_waiting_for_a_start_is_counted_in_seconds() -> None:
    seconds = iter([100.0, 103.0])
    now = [100.0]
    store = store_with(KNOWN, run(1, Target.DEPLOYED, RunState.RUNNING))
    async with opened(store, context="sandbox", restarts=False) as (app, pilot):
        app.surroundings.monotonic = lambda: now[0]
        await pilot.press("f5")
        now[0] = next(seconds)
        await settled(app, pilot)
        assert "waiting for an instance to start, 4 s of about 6 s" in text_of(app)
        now[0] = next(seconds)
        app.screen.query_one("#latest").refresh()
        await settled(app, pilot)
        assert "7 s of about 6 s" in text_of(app)
