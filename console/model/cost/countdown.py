"""What is spent now, some time after it was reckoned and without asking anybody.

Between two reports the clock alone goes on: an instance that is awake costs what it costs a
second, and an idle one is gone when it can have been kept no longer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from console.model.cost.estimate import seconds
from console.model.cost.money import ZERO, Amount
from console.model.cost.report import CostReport
from console.model.cost.spending import HOUR, SpendingNow


def spending_later(now: SpendingNow, elapsed: timedelta) -> SpendingNow | None:
    """Return what is spent `elapsed` after `now` was reckoned; None once nothing can run.

    An idle instance never costs more than until its end. Time that runs backwards counts as none.
    """
    elapsed = max(elapsed, timedelta())
    if now.more is None:
        grown = _in(now.an_hour, elapsed)
        return replace(now, awake=now.awake + elapsed, so_far=now.so_far + grown)
    if elapsed >= now.more:
        return None
    grown = ZERO if now.tail == ZERO else _part(now, elapsed)
    return replace(
        now,
        awake=now.awake + elapsed,
        so_far=now.so_far + grown,
        more=now.more - elapsed,
        tail=None if now.tail is None else now.tail.less(grown),
    )


def spending_at(report: CostReport, elapsed: timedelta) -> SpendingNow | None:
    """Return what is spent `elapsed` after a report; None once nothing can run."""
    return None if report.now is None else spending_later(report.now, elapsed)


def _part(now: SpendingNow, elapsed: timedelta) -> Amount:
    """Return what idling costs for `elapsed`, which is less where some instances end sooner."""
    grown = _in(now.an_hour, elapsed)
    if grown.known is None or now.tail is None or now.tail.known is None:
        return grown
    return now.tail if grown.known.likely > now.tail.known.likely else grown


def _in(an_hour: Amount, elapsed: timedelta) -> Amount:
    return an_hour * (seconds(elapsed) / Decimal(HOUR))
