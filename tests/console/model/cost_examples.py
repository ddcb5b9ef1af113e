"""Prices and moments for the tests of costs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings

from console.model.cost.estimate import Estimate
from console.model.cost.money import Amount
from console.sources.prices import packaged_prices

PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties: how long an example takes on a busy machine says nothing."""

PRICES = packaged_prices()
GIB = 1024**3
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def after(**length: float) -> datetime:
    return NOON + timedelta(**length)


def likely(of: Amount | Estimate) -> Decimal:
    amount = of.total if isinstance(of, Estimate) else of
    assert amount.known is not None
    return amount.known.likely


def exact(of: Amount | Estimate) -> Decimal:
    """The figure of what is known exactly and completely."""
    amount = of.total if isinstance(of, Estimate) else of
    assert amount.known is not None
    assert amount.complete
    assert amount.known.low == amount.known.high
    return amount.known.likely


def close(a: Decimal, b: Decimal | str) -> bool:
    """Whether two figures differ by less than a billionth of a dollar."""
    return abs(a - Decimal(b)) < Decimal("1e-9")
