"""Costs as the screen of costs finds them in the store: known, not known, old, and hostile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import cloud_scenes
from cloud_scenes import NOW, SOON, THEN
from cost_scenes import SCENES, at_zero, awake, bucket_denied
from scene_words import said

from console.model.cost.estimate import Estimate, Line
from console.model.cost.money import between, usd
from console.model.cost.report import CostPart, CostReport
from console.model.cost.snapshot import CostSnapshot
from console.model.cost.spending import Spending
from console.model.freshness import Freshness, Standing
from console.store import Store
from console.terminal.sanitise import sanitise

NASTY = "\x1b]52;c;aGk=\x07\x9b31m[/bad][@click=app.quit]\u202egpj.exe[link='a\x00\x7f\ttab"
FRESH = Freshness(Standing.FRESH, NOW)


def denied() -> Freshness:
    why = said(
        "cannot read the log of sandbox/local-1/zimage: logging.logEntries.list is missing",
        "无法读取 sandbox/local-1/zimage 的日志：缺少 logging.logEntries.list",
    )
    return Freshness(Standing.DENIED, None, why, SOON, "logging.logEntries.list")


def silent(since: datetime | None) -> Freshness:
    why = said(
        "the bucket sandbox-models is out of reach: storage.googleapis.com is silent",
        "无法连接存储桶 sandbox-models：storage.googleapis.com 没有响应",
    )
    return Freshness(Standing.ERROR, since, why, SOON)


def absent() -> Freshness:
    return Freshness(Standing.ABSENT, NOW, said("nothing is deployed", "没有部署任何内容"))


def hostile() -> CostReport:
    """Names and reasons as an attacker would choose them, as the boundary lets them through."""
    evil, made = sanitise(NASTY), awake()
    line = Line(evil, between("0.1", "0.2", "0.3"), evil)
    month = Estimate((line,), made.prices.date)
    crossing = replace(made.regions, bucket=evil, at_start=line) if made.regions else None
    return replace(
        made,
        region=evil,
        parts=(
            CostPart(evil, Spending(month, usd("0.01"), month), evil),
            CostPart(evil, None, evil),
        ),
        regions=crossing,
        notes=(evil,),
        what_ifs=tuple(replace(each, change=evil) for each in made.what_ifs),
        pictures=replace(made.pictures, speeds=evil) if made.pictures else None,
        prices=replace(made.prices, problem=evil),
        counted=tuple(replace(each, price=replace(each.price, name=evil)) for each in made.counted),
    )


def _settled(make: Callable[[], CostReport], fresh: Freshness) -> Callable[[], CostSnapshot]:
    return lambda: CostSnapshot(make(), fresh, settled=True)


SNAPSHOTS: dict[str, Callable[[], CostSnapshot]] = {
    **{name: _settled(make, FRESH) for name, make in SCENES.items()},
    "loading": CostSnapshot,
    "asking": lambda: CostSnapshot(bucket_denied(), FRESH),
    "denied": lambda: CostSnapshot(None, denied()),
    "error": lambda: CostSnapshot(None, silent(None)),
    "absent": lambda: CostSnapshot(None, absent()),
    "silent": lambda: CostSnapshot(at_zero(), silent(THEN), settled=True),
    "stale": _settled(at_zero, Freshness(Standing.STALE, THEN)),
    "hostile": _settled(hostile, FRESH),
}


def cost_scene(name: str) -> Store:
    """A store as it is at one of the `SNAPSHOTS`, with a service on Google Cloud."""
    store, cost = Store(), SNAPSHOTS[name]()
    asleep = cost.report is not None and cost.report.now is None
    store.set_service(cloud_scenes.at_zero() if asleep else cloud_scenes.awake())
    store.set_cost(cost)
    return store


def no_clock() -> Callable[[], datetime]:
    """A clock that stands still at five past twelve."""
    return lambda: NOW
