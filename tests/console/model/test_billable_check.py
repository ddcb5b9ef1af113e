from datetime import timedelta
from decimal import Decimal

import pytest
from cost_examples import NOON, PRICES, after

from console.model.cost.billable_check import billable_check
from console.model.cost.compute_cost import Fleet, Shape, Usages
from console.model.cost.estimate import Window
from console.model.cost.instance_lives import Life
from console.model.cost.prices import Gpu
from console.model.metrics import Minutes

L4 = Shape(region="us-central1", cpu=Decimal(4), memory=Decimal(16), gpu=Gpu.L4)
ELEVEN_MINUTES = Life(NOON, ready=after(seconds=60), end=after(minutes=11))


def usages(*lives: Life) -> list[Usages]:
    return [Usages(Fleet(L4, lives), after(hours=1), PRICES)]


def minutes(*seconds: float | None) -> Minutes:
    """Figures of the minutes from noon on."""
    return Minutes(NOON + len(seconds) * timedelta(minutes=1), seconds)


def test_both_figures_side_by_side() -> None:
    check = billable_check(usages(ELEVEN_MINUTES), minutes(*[60.0] * 11, None, None))

    assert check is not None
    assert check.agree
    assert check.window == Window(NOON, after(minutes=11))
    assert check.words == "11.0 min of instances reckoned, 11.0 min measured by Cloud Monitoring"


def test_what_has_not_been_measured_yet_is_not_compared() -> None:
    check = billable_check(usages(ELEVEN_MINUTES), minutes(60.0, 60.0, None, None))

    assert check is not None
    assert (check.reckoned, check.measured) == (120, 120)


def test_a_service_that_was_never_measured_is_not_compared() -> None:
    assert billable_check(usages(ELEVEN_MINUTES), minutes(None, None)) is None


@pytest.mark.parametrize(
    ("measured", "said"),
    [(120.0, "the log lacks instances"), (0.0, "instances ended sooner than reckoned")],
)
def test_figures_far_apart_say_why(measured: float, said: str) -> None:
    check = billable_check(usages(ELEVEN_MINUTES), minutes(*[measured] * 11))

    assert check is not None
    assert not check.agree
    assert check.words.endswith(said)


def test_an_instance_whose_end_nobody_saw_may_have_ended_early() -> None:
    # from its last sign at one minute to eleven; six were measured
    unseen = Life(NOON, ready=after(seconds=60))

    check = billable_check(usages(unseen), minutes(*[60.0] * 6, *[0.0] * 5))

    assert check is not None
    assert (check.least, check.reckoned) == (60, 660)
    assert check.agree
