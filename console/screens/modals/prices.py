"""Every price that counts in a report of costs: how much, from where, and if it was verified."""

from __future__ import annotations

from decimal import Decimal

from textual.content import Content

from console.language import tr
from console.model.cost.money import CENT
from console.model.cost.price_names import unit_text
from console.model.cost.report import CostReport, CountedPrice
from console.screens.modals.detail import DetailScreen


def prices_text(report: CostReport) -> Content:
    """Return where the prices are from as a whole, then two rows for each of them."""
    rows = [
        Content.styled(
            tr("{label}, US dollars, {region}", label=report.label, region=report.region), "bold"
        ),
        *_whole(report),
    ]
    if not report.counted:
        rows.append(Content.styled(tr("– which prices count is not known"), "$text-muted"))
    for counted in report.counted:
        rows += [Content(""), *_price(counted)]
    return Content("\n").join(rows)


def _whole(report: CostReport) -> list[Content]:
    prices = report.prices
    rows = [Content.styled(prices.words, "$text-muted")]
    if prices.problem:
        rows.append(
            Content.styled(tr("▲ no newer ones: {problem}", problem=prices.problem), "$warning")
        )
    return rows


def _price(counted: CountedPrice) -> list[Content]:
    price, source = counted.price, counted.price.source
    if price.usd is None:
        figure = tr("–  not known")
    else:
        figure = tr("{amount} a {unit}", amount=_dollars(price.usd), unit=unit_text(price.unit))
    checked = (
        (tr("✓ verified"), "$success") if price.verified else (tr("? not verified"), "$warning")
    )
    where = tr("live") if counted.live else tr("packaged")
    rows = [
        Content.styled(price.name, "bold"),
        Content.assemble(f"  {figure}   ", checked, (f"   {where}", "$text-muted")),
    ]
    about = (
        [tr("no source")]
        if source is None
        else [
            tr("{date}, {source}", date=source.date, source=source.what),
            source.url,
        ]
    )
    return rows + [Content.styled(f"  {each}", "$text-muted") for each in about if each]


def _dollars(price: Decimal) -> str:
    """Return a price with all its digits, and two at least after the point."""
    whole = price.normalize()
    exponent = whole.as_tuple().exponent
    cents = isinstance(exponent, int) and exponent > -2
    return f"${price.quantize(CENT) if cents else whole:f}"


class PricesScreen(DetailScreen):
    """The prices of one report."""

    def __init__(self, report: CostReport) -> None:
        super().__init__(tr("Prices"), prices_text(report))
