"""The console's own billed time beside what Cloud Monitoring counted.

Both are seconds of instances. They differ a little, because the platform counts by the minute and
late; a large difference means that the log lacks instances, or that ones are reckoned too long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from console.language import tr
from console.model.cost.compute_cost import Usages
from console.model.cost.estimate import Window
from console.model.meters import Meters
from console.model.metrics import MINUTE, Minutes

_CLOSE: Final = Decimal("0.1")
_A_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class BillableCheck:
    """Seconds that are billed within `window`: reckoned at least, reckoned, and measured."""

    window: Window
    least: Decimal
    reckoned: Decimal
    measured: Decimal

    @property
    def agree(self) -> bool:
        """Whether what was measured is within the reckoned range, to a tenth or a minute."""
        slack = max(self.reckoned * _CLOSE, Decimal(_A_MINUTE))
        return self.least - slack <= self.measured <= self.reckoned + slack

    @property
    def words(self) -> str:
        """Both figures in one line."""
        figures = {"reckoned": self.reckoned / 60, "measured": self.measured / 60}
        if self.agree:
            return tr(
                "{reckoned:,.1f} min of instances reckoned, "
                "{measured:,.1f} min measured by Cloud Monitoring",
                **figures,
            )
        if self.measured > self.reckoned:
            return tr(
                "{reckoned:,.1f} min of instances reckoned, "
                "{measured:,.1f} min measured by Cloud Monitoring: the log lacks instances",
                **figures,
            )
        return tr(
            "{reckoned:,.1f} min of instances reckoned, {measured:,.1f} min measured by "
            "Cloud Monitoring: instances ended sooner than reckoned",
            **figures,
        )


def billable_check(usages: Sequence[Usages], measured: Minutes) -> BillableCheck | None:
    """Compare over the minutes that have been measured; None if none has been.

    `measured` is the billed time of all instances in seconds, by minute. A minute without a
    figure before the last one that has one counts as none: a service at zero is not measured.
    """
    latest, total = measured.latest, measured.total
    if latest is None or total is None:
        return None
    window = Window(measured.end - len(measured.values) * MINUTE, latest.at)
    return BillableCheck(
        window=window,
        least=sum((each.least(window).billable for each in usages), start=Decimal(0)),
        reckoned=sum((each.likely(window).billable for each in usages), start=Decimal(0)),
        measured=Decimal(str(total)),
    )


def month_check(usages: Sequence[Usages], meters: Meters) -> BillableCheck | None:
    """Compare over all that meters have counted; None if they counted no billed time."""
    measured = meters.billable_seconds
    if measured is None:
        return None
    window = Window(meters.since, max(meters.since, meters.until))
    return BillableCheck(
        window=window,
        least=sum((each.least(window).billable for each in usages), start=Decimal(0)),
        reckoned=sum((each.likely(window).billable for each in usages), start=Decimal(0)),
        measured=measured,
    )
