"""Every fault of the sandbox that the Overview can meet: told in its own place, and mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from console_scenes import write
from running_session import run_ended
from sandbox_console import Opened, sandbox_console

from console.config import Config
from console.model.freshness import Standing
from console.model.images import RunState
from console.model.service import ServiceSnapshot, ServiceState

ERROR, DENIED, FRESH = Standing.ERROR, Standing.DENIED, Standing.FRESH
ALL = ("service", "access", "metrics", "log")


@dataclass(frozen=True)
class Trouble:
    """What a fault does to the console: which things are how, the state, and the words.

    `words` are on the Overview, `everywhere` at the top of each screen.
    """

    standings: dict[str, Standing]
    state: ServiceState
    words: tuple[str, ...]
    everywhere: tuple[str, ...]


TROUBLES = {
    "services-denied": Trouble(
        {"service": DENIED, "access": DENIED},
        ServiceState.DENIED,
        ("run.services.get is missing", "roles/run.viewer"),
        ("⊘ DENIED", "denied since"),
    ),
    "services-throttled": Trouble(
        {"service": ERROR},
        ServiceState.AT_ZERO,
        ("Quota exceeded for quota metric",),
        ("◎ AT ZERO", "no new answer since"),
    ),
    "services-unavailable": Trouble(
        {"service": ERROR},
        ServiceState.AT_ZERO,
        ("cannot read service",),
        ("◎ AT ZERO", "no new answer since"),
    ),
    "logs-denied": Trouble(
        {"log": DENIED},
        ServiceState.AT_ZERO,
        ("Log  ▲ needs logging.logEntries.list",),
        ("◎ AT ZERO", "log not followed"),
    ),
    "metrics-denied": Trouble(
        {"metrics": DENIED},
        ServiceState.AT_ZERO,
        ("needs monitoring.timeSeries.list",),
        ("◎ AT ZERO",),
    ),
    "metrics-unavailable": Trouble(
        {"metrics": ERROR}, ServiceState.AT_ZERO, ("– no new answer",), ("◎ AT ZERO",)
    ),
    "token-expired": Trouble(
        {"service": DENIED, "log": DENIED},
        ServiceState.DENIED,
        ("gcloud auth application-default login",),
        ("⊘ DENIED", "denied since", "log not followed"),
    ),
    "network-down": Trouble(
        {"service": ERROR, "log": ERROR, "metrics": ERROR},
        ServiceState.UNREACHABLE,
        ("run.googleapis.com is out of reach",),
        ("▲ UNREACHABLE", "no new answer since", "log not followed"),
    ),
}


def standing(service: ServiceSnapshot, kind: str) -> Standing:
    found: Standing = getattr(service.fresh, kind).standing
    return found


def as_told(opened: Opened, trouble: Trouble) -> Callable[[], bool]:
    def told() -> bool:
        service = opened.store.service
        met = (standing(service, kind) is how for kind, how in trouble.standings.items())
        return service.state is trouble.state and all(met)

    return told


def all_well(opened: Opened) -> Callable[[], bool]:
    def well() -> bool:
        service = opened.store.service
        return service.state is ServiceState.AT_ZERO and all(
            standing(service, kind) is FRESH for kind in ALL
        )

    return well


async def test_every_fault_is_told_in_its_own_place_and_mends_by_itself(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await opened.until(all_well(opened))
        for fault, trouble in TROUBLES.items():
            await opened.begin(fault)
            await opened.until(as_told(opened, trouble))
            shown = await opened.screen()
            for words in trouble.words:
                assert words in shown, f"{fault}: {words!r} is not in\n{shown}"
            assert "zimage-00001-" in shown, f"{fault} took the facts away"
            for key in ("f1", "f3", "f5"):
                top = (await opened.screen(key)).split("\n")[:2]
                for words in trouble.everywhere:
                    assert words in "\n".join(top), f"{fault}: {words!r} is not in {top} of {key}"
            in_trouble = "not followed" if "log" in trouble.standings else "following"
            assert in_trouble in (await opened.screen("f3")).split("\n")[2]
            await opened.end(fault)
            await opened.until(all_well(opened))
            assert opened.store.service.problem is None
            rows = (await opened.screen()).split("\n")[:2]
            assert "since" not in rows[1], f"{fault} leaves {rows}"


async def test_while_paused_nothing_is_asked_but_by_a_key(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await opened.until(all_well(opened))
        await opened.pilot.press("p")
        assert "polling paused · as of" in await opened.screen("f3")
        await opened.begin("services-denied")
        await opened.pilot.press("r")
        await opened.until(as_told(opened, TROUBLES["services-denied"]))
        assert "⊘ DENIED" in await opened.screen()
        await opened.end("services-denied")
        await opened.pilot.press("p")
        await opened.until(all_well(opened))
        assert "polling paused" not in (await opened.screen()).split("\n")[1]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("start-fails", "Container called exit(1)."),
        ("out-of-memory", "Memory limit of"),
    ],
)
async def test_an_instance_that_does_not_live_fails_its_picture_and_the_next_one_lives(
    fault: str, said: str, config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        store = opened.store
        await opened.until(all_well(opened))
        await opened.begin(fault)
        await opened.screen("f5")
        write(opened.app, "a red circle")
        await opened.pilot.press("enter")
        run = await run_ended(store, 1)
        assert run.state is RunState.FAILED
        assert run.problem
        await opened.until(lambda: any(said in line.message for line in store.logs))
        await opened.until(lambda: store.service.state is ServiceState.AT_ZERO)
        shown = await opened.screen()
        assert said in shown
        assert "✗" in shown
        await opened.end(fault)
        write(opened.app, "a red circle")
        await opened.pilot.press("enter")
        run = await run_ended(store, 2)
        assert run.state is RunState.DONE, run.problem
        await opened.until(lambda: store.service.state is ServiceState.READY)
        lines = [(each.time, each.provenance.insert_id) for each in store.logs]
        assert len(lines) == len(set(lines))
