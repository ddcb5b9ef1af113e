"""What the store knows of costs."""

from __future__ import annotations

from dataclasses import dataclass

from console.model.cost.report import CostReport
from console.model.freshness import LOADING, Freshness


@dataclass(frozen=True, slots=True)
class CostSnapshot:
    """The newest report; None before the first one.

    `fresh` says how well it is known, and `settled` whether all that costs depend on has been
    answered or refused.
    """

    report: CostReport | None = None
    fresh: Freshness = LOADING
    settled: bool = False
