"""A report of costs as the one JSON document that `cost --json` prints."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from console.model.cost.billable_check import BillableCheck
from console.model.cost.estimate import Estimate, Line
from console.model.cost.money import Amount
from console.model.cost.picture_cost import BreakEven
from console.model.cost.region_check import RegionCheck
from console.model.cost.report import (
    CostPart,
    CostReport,
    CountedPrice,
    PictureCosts,
    PricesLabel,
)
from console.model.cost.snapshot import CostSnapshot
from console.model.cost.spending import Spending, SpendingNow
from console.model.cost.storage_choice import ClassChoice
from console.model.cost.what_if import WhatIf
from engine.schema import SCHEMA_VERSION


def cost_document(context: str, known: CostSnapshot, zone: str) -> dict[str, object]:
    """Return a report as JSON; figures are strings in US dollars, null where they are not known.

    Without a report `report` is null, and `freshness` says why.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "context": context,
        "estimate": True,
        "currency": "USD",
        "month_zone": zone,
        "complete": known.settled,
        "freshness": {
            "standing": str(known.fresh.standing),
            "problem": known.fresh.problem,
            "permission": known.fresh.needs or None,
        },
        "report": None if known.report is None else _report(known.report),
    }


def _report(report: CostReport) -> dict[str, object]:
    return {
        "at": report.at.isoformat(),
        "label": report.label,
        "region": report.region,
        "billed": not report.hypothetical,
        "free_tier": str(report.free),
        "prices": _prices(report.prices),
        "known_since": _moment(report.known_since),
        **_spending(report.spending),
        "parts": [_part(each) for each in report.parts],
        "now": None if report.now is None else _now(report.now),
        "pictures": None if report.pictures is None else _pictures(report.pictures),
        "storage": {
            "class": None if report.class_now is None else str(report.class_now),
            "advice": report.storage_advice or None,
            "starts_a_month": report.starts_a_month,
            "classes": [_class(each) for each in report.classes],
        },
        "what_ifs": [_what_if(each) for each in report.what_ifs],
        "regions": None if report.regions is None else _regions(report.regions),
        "billed_time": None if report.check is None else _check(report.check),
        "most_a_day": _amount(report.most_a_day),
        "prices_counted": [_price(each) for each in report.counted],
        "notes": list(report.notes),
    }


def _prices(label: PricesLabel) -> dict[str, object]:
    return {
        "date": label.date.isoformat(),
        "packaged": label.packaged,
        "live": label.live,
        "unverified": label.unverified,
        "fetched_at": _moment(label.fetched_at),
        "problem": label.problem or None,
    }


def _spending(spending: Spending) -> dict[str, object]:
    return {
        "so_far": _estimate(spending.so_far),
        "today": spending.today.to_json(),
        "month_end": _estimate(spending.month_end),
    }


def _estimate(estimate: Estimate) -> dict[str, object]:
    return {
        **estimate.total.to_json(),
        "lines": [_line(each) for each in estimate.lines],
    }


def _line(line: Line) -> dict[str, object]:
    return {"what": line.what, "how": line.how, **line.amount.to_json()}


def _part(part: CostPart) -> dict[str, object]:
    known = {"so_far": None, "today": None, "month_end": None}
    spent = known if part.spending is None else _spending(part.spending)
    return {"name": part.name, "known": part.spending is not None, **spent, "note": part.note}


def _now(now: SpendingNow) -> dict[str, object]:
    return {
        "words": now.words,
        "instances": now.instances,
        "answering": now.answering,
        "awake_seconds": _seconds(now.awake),
        "so_far": now.so_far.to_json(),
        "an_hour": now.an_hour.to_json(),
        "billed_up_to_seconds_more": None if now.more is None else _seconds(now.more),
        "tail": _amount(now.tail),
    }


def _pictures(pictures: PictureCosts) -> dict[str, object]:
    return {
        "warm": pictures.warm.to_json(),
        "cold": pictures.cold.to_json(),
        "made": pictures.made,
        "each": _amount(pictures.each),
        "cheaper_on_gpu": None if pictures.on_gpu is None else _break_even(pictures.on_gpu),
        "speeds": pictures.speeds,
    }


def _break_even(at: BreakEven) -> dict[str, object]:
    return {
        "words": at.words,
        "fewest": at.fewest,
        "likely": at.likely,
        "most": at.most,
        "missing": sorted(at.missing),
    }


def _class(choice: ClassChoice) -> dict[str, object]:
    return {
        "class": str(choice.storage_class),
        "words": choice.words,
        "keeping": choice.keeping.to_json(),
        "reading_once": choice.reading.to_json(),
        "total": choice.total.to_json(),
        "starts_to_lose": _figure(choice.starts_to_lose),
        "minimum_days": choice.minimum_days,
    }


def _what_if(what: WhatIf) -> dict[str, object]:
    return {
        "dimension": None if what.dimension is None else str(what.dimension),
        "change": what.change,
        "words": what.words,
        "before": what.before.total.to_json(),
        "after": what.after.total.to_json(),
        "difference": what.difference.to_json(),
        "start_seconds": _figure(what.start_seconds),
        "burst_seconds": _figure(what.burst_seconds),
        "at_once": what.at_once,
    }


def _regions(check: RegionCheck) -> dict[str, object]:
    return {
        "words": check.words,
        "together": check.together,
        "service": check.service,
        "bucket": check.bucket,
        "registry": check.registry,
        "at_start": None if check.at_start is None else _line(check.at_start),
        "at_deploy": None if check.at_deploy is None else _line(check.at_deploy),
    }


def _check(check: BillableCheck) -> dict[str, object]:
    return {
        "words": check.words,
        "agree": check.agree,
        "from": check.window.start.isoformat(),
        "to": check.window.end.isoformat(),
        "least_seconds": _figure(check.least),
        "reckoned_seconds": _figure(check.reckoned),
        "measured_seconds": _figure(check.measured),
    }


def _price(counted: CountedPrice) -> dict[str, object]:
    price = counted.price
    return {
        "key": counted.key,
        "name": price.name,
        "usd": None if price.usd is None else f"{price.usd:f}",
        "unit": str(price.unit),
        "live": counted.live,
        "verified": price.verified,
        "source": None if price.source is None else price.source.what,
        "source_date": None if price.source is None else price.source.date.isoformat(),
    }


def _amount(amount: Amount | None) -> dict[str, object] | None:
    return None if amount is None else amount.to_json()


def _figure(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 3)


def _seconds(length: timedelta) -> float:
    return round(length.total_seconds(), 3)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
