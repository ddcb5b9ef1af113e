"""From what is known of a service to the report of its costs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from console.language import tr
from console.model.cost.billable_check import BillableCheck, billable_check, month_check
from console.model.cost.changes import Deployed, what_ifs
from console.model.cost.compute_cost import Usages, most_a_day
from console.model.cost.counted_prices import counted_prices
from console.model.cost.estimate import FreeTier, Window, seconds
from console.model.cost.facts import PRICED_AS, CostFacts
from console.model.cost.parts import Terms, cost_parts, live_models, summed
from console.model.cost.picture_cost import MONTH
from console.model.cost.pictures import picture_costs
from console.model.cost.prices import PriceList
from console.model.cost.region_check import RegionCheck, region_check
from console.model.cost.report import CostReport, PricesLabel
from console.model.cost.spending import all_spending_now
from console.model.cost.storage_choice import choices, conclusion
from console.model.cost.storage_cost import ModelFiles

RECENT: Final = timedelta(days=30)
"""How far back is looked to say how often a service starts in a month."""

ONE_A_DAY: Final = 30
"""Cold starts a month where nothing is known of them."""

_DAY: Final = timedelta(days=1)


def cost_report(
    facts: CostFacts,
    at: datetime,
    zone: tzinfo,
    prices: PriceList,
    label: PricesLabel,
    free: FreeTier = FreeTier.NONE,
    live: Collection[str] = (),
) -> CostReport:
    """Return what a service costs, at `at`, in the month and the day that it is then in `zone`.

    `label` says where `prices` are from, and `live` which of their keys Google's catalog gave.
    What is on this machine is priced as if it were in a region that has prices.
    """
    told, terms = facts.priced(), Terms(at, zone, prices, free)
    fleets = told.fleets.thing or ()
    usages = [Usages(each, at, prices) for each in fleets]
    parts = cost_parts(told, usages, terms)
    deployed = _deployed(told, at)
    shape, starts = told.shape, starts_a_month(told, at)
    report = CostReport(
        at=at,
        region=told.region,
        hypothetical=facts.hypothetical,
        prices=label,
        free=free,
        spending=summed(parts, terms),
        parts=parts,
        known_since=told.known_since,
        now=all_spending_now(fleets, at, prices),
        starts_a_month=starts,
        regions=None if facts.registry.absent else _regions(told, prices),
        check=_check(told, usages, at),
        most_a_day=None if shape is None else most_a_day(shape, prices),
        counted=counted_prices(told, prices, live),
        notes=_notes(facts),
    )
    if deployed is None:
        return report
    count = _whole(starts)
    classes = choices(deployed.model, told.region, count, prices)
    return replace(
        report,
        pictures=picture_costs(deployed, told, report.spending, terms, count),
        classes=classes,
        class_now=deployed.model.storage_class if told.bucket.thing else None,
        storage_advice=conclusion(classes, count),
        what_ifs=what_ifs(deployed, prices),
    )


def starts_a_month(facts: CostFacts, at: datetime) -> float | None:
    """Return how many starts a month there are, if it goes on as in the last weeks.

    None as long as nothing is known of them.
    """
    if facts.fleets.thing is None or facts.known_since is None:
        return None
    since = min(max(facts.known_since, at - RECENT), at)
    known = Window(since, at)
    days = max(seconds(known.length) / seconds(_DAY), Decimal(1))
    return float(facts.starts.within(known) / days * (seconds(MONTH) / seconds(_DAY)))


def _whole(starts: float | None) -> int:
    """Return a number of starts a month to reckon with, one a day where it is not known.

    It is one at least: what never starts needs neither a model nor a class for it.
    """
    return ONE_A_DAY if starts is None else max(round(starts), 1)


def _deployed(facts: CostFacts, at: datetime) -> Deployed | None:
    """Return the deployment as it is now; None if its shape is not known, or that it reads."""
    models = live_models(facts.bucket.thing, facts)
    if facts.shape is None or not models:
        return None
    largest = max(models, key=lambda each: each.bytes)
    return Deployed(
        shape=facts.shape,
        model=replace(largest, bytes=sum(each.bytes for each in models)),
        image_bytes=_image_bytes(facts) or 0,
        speeds=facts.speeds,
        pictures=_pictures_a_month(facts, at),
        starts=_whole(starts_a_month(facts, at)),
    )


def _pictures_a_month(facts: CostFacts, at: datetime) -> int:
    if facts.answered is None or facts.known_since is None:
        return 0
    since = min(max(facts.known_since, at - RECENT), at)
    known = Window(since, at)
    days = max(seconds(known.length) / seconds(_DAY), Decimal(1))
    return round(facts.answered.within(known) / days * (seconds(MONTH) / seconds(_DAY)))


def _image_bytes(facts: CostFacts) -> int | None:
    """Return how large the image that runs is; None if the registry does not tell."""
    registry = facts.registry.thing
    return None if registry is None else registry.used_bytes(facts.running)


def _regions(facts: CostFacts, prices: PriceList) -> RegionCheck:
    models = live_models(facts.bucket.thing, facts) if facts.bucket.thing else ()
    model: ModelFiles | None = max(models, key=lambda each: each.bytes, default=None)
    if model is None and facts.bucket.thing is not None:
        model = ModelFiles(bytes=0, region=facts.bucket.thing.region)
    elif model is not None:
        model = replace(model, bytes=sum(each.bytes for each in models))
    registry = facts.registry.thing
    return region_check(
        facts.region,
        model,
        None if registry is None else registry.region,
        _image_bytes(facts) or 0,
        prices,
    )


def _check(facts: CostFacts, usages: list[Usages], at: datetime) -> BillableCheck | None:
    """Compare with what was measured over the month, else over the last hour."""
    if facts.fleets.thing is None:
        return None
    meters = facts.meters.thing
    if meters is not None and meters.month.billable_seconds is not None:
        since = max(meters.month.since, facts.known_since or meters.month.since)
        if since == meters.month.since:
            return month_check(usages, meters.month)
    return None if facts.billable is None else billable_check(usages, facts.billable)


def _notes(facts: CostFacts) -> tuple[str, ...]:
    notes: list[str] = []
    if facts.hypothetical:
        notes.append(
            tr(
                "it is on this machine and costs nothing: in {region} it would cost this",
                region=PRICED_AS,
            )
        )
    if facts.bucket.absent:
        notes.append(tr("bucket: {why}", why=tr(facts.bucket.why)))
    if facts.registry.absent:
        notes.append(tr("images: {why}", why=tr(facts.registry.why)))
    notes.append(tr("builds, and pictures sent to the internet, are not counted"))
    return tuple(notes)
