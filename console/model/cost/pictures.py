"""What a picture costs on a service as it is."""

from __future__ import annotations

from decimal import Decimal

from console.model.cost.changes import Deployed, other_processor
from console.model.cost.estimate import Window
from console.model.cost.facts import CostFacts
from console.model.cost.parts import Terms
from console.model.cost.picture_cost import (
    BreakEven,
    Way,
    break_even,
    cold_picture,
    warm_picture,
)
from console.model.cost.report import PictureCosts
from console.model.cost.speeds import guide_speeds, setup_of, speeds_text
from console.model.cost.spending import Spending


def picture_costs(
    deployed: Deployed, facts: CostFacts, spending: Spending, terms: Terms, wakes: int
) -> PictureCosts:
    """Return what a picture costs, warm and cold, what one did cost, and when a GPU is cheaper.

    Both ways are taken to be woken `wakes` times a month.
    """
    way, prices = deployed.setup.way, terms.prices
    window = Window(terms.month.start, max(terms.at, terms.month.start))
    made = 0 if facts.answered is None else int(facts.answered.within(window))
    return PictureCosts(
        warm=warm_picture(way, prices),
        cold=cold_picture(way, deployed.model, prices),
        made=made,
        each=spending.so_far.total * (1 / Decimal(made)) if made else None,
        on_gpu=_break_even(deployed, terms, wakes),
        speeds=speeds_text(deployed.speeds, deployed.shape.gpu),
    )


def _break_even(deployed: Deployed, terms: Terms, wakes: int) -> BreakEven:
    """Return from how many pictures on a GPU is cheaper, both as fast as the guide says."""
    here, other = deployed.shape, other_processor(deployed.shape)
    cpu, gpu = (other, here) if here.gpu else (here, other)
    ways: list[Way] = [
        setup_of(each, deployed.model, 0, guide_speeds(each.gpu)).way for each in (cpu, gpu)
    ]
    return break_even(ways[0], ways[1], wakes, terms.prices)
