"""Costs of a service in the sandbox: as it wakes, and where a part of them is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from sandbox_console import PATIENCE, Opened, sandbox_console

from console.config import Config
from console.model.cost.report import CostPart, CostReport
from console.sandbox.run.demo_service import DEMO

MODELS = "models in the bucket"


def report(opened: Opened) -> CostReport:
    assert opened.store.cost.report is not None
    return opened.store.cost.report


def part(opened: Opened, name: str) -> CostPart:
    return next(each for each in report(opened).parts if each.name == name)


async def known(opened: Opened) -> None:
    await opened.until(lambda: opened.store.cost.settled)


async def test_a_service_that_wakes_is_seen_to_spend_and_nothing_wakes_it_to_say_so(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await known(opened)
        shown = await opened.screen("f4")
        assert "costs nothing here; in us-central1 the same would cost" in shown
        assert report(opened).now is None
        assert report(opened).prices.live > 0

        address = opened.sandbox.service_url(DEMO.service) + "/v1/images/generations"
        answer = await opened.http.post(address, json={"prompt": "red"}, timeout=PATIENCE)
        assert answer.status_code == 200
        await opened.until(lambda: report(opened).now is not None)
        await opened.until(lambda: part(opened, "reading the model").note == "1 start")
        shown = await opened.screen("f4")

    assert "● awake" in shown
    assert "idling is not billed" in shown
    instances = part(opened, "instances").spending
    assert instances is not None
    assert instances.so_far.total.known is not None
    assert instances.so_far.total.known.likely > 0


@pytest.mark.parametrize(
    ("fault", "lost", "why"),
    [
        ("storage-denied", MODELS, "storage.objects.list"),
        ("metrics-denied", "log lines", "monitoring.timeSeries.list"),
        ("logs-denied", "instances", "logging.logEntries.list"),
    ],
)
async def test_a_part_that_is_refused_takes_none_of_the_others_away(
    fault: str,
    lost: str,
    why: str,
    config: Config,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await opened.begin(fault)
        await opened.until(
            lambda: opened.store.cost.report is not None and why in part(opened, lost).note
        )
        assert part(opened, lost).spending is None
        await opened.until(lambda: part(opened, "images in the registry").spending is not None)
        assert lost in report(opened).spending.so_far.total.missing
        shown = await opened.screen("f4")
        await opened.end(fault)
        await opened.until(lambda: why not in part(opened, lost).note)

    assert lost in shown
    assert "–" in shown
