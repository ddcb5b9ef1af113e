"""Amounts of money as they stand in columns: short, and honest about what is not known of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rich.cells import cell_len
from textual.content import Content

from console.language import tr_later
from console.model.cost.money import CENT, UNKNOWN_TEXT, Amount, dollars, fine_dollars, ranged

_TINY = dollars(CENT / 2)
_SMALL = 10 * CENT
_LEAST = CENT / 100
_TINIEST = f"< ${_LEAST:f}"
MORE = "+"
DOUBT = "?"
SIGNS = tr_later("+ and what is not known   ? a price in it is not verified")
"""What the signs behind figures mean; to be translated where it is shown."""


def column(amount: Amount | None, *, partial: bool = False, fine: bool = False) -> str:
    """Return `$0.16`, `$0.02 to $0.19`, or `–` for what is not known.

    A `+` says that more than this is paid, for something in it has no price or, with `partial`, is
    not known at all; a `?` that a price in it is not verified. `fine` is for small amounts.
    """
    if amount is None or amount.known is None:
        return UNKNOWN_TEXT
    said = _fine if fine else dollars
    low, high = said(amount.known.low), said(amount.known.high)
    figures = high if high in (_TINY, _TINIEST) else ranged(low, high)
    return f"{figures}{signs(amount, partial=partial)}"


def is_small(amount: Amount) -> bool:
    """Say whether an amount is so small that cents alone would say nothing of its parts."""
    return amount.known is not None and amount.known.high < _SMALL


def signs(amount: Amount, *, partial: bool = False) -> str:
    """Return what stands behind the figures of an amount: `+`, `?`, both or nothing."""
    more = MORE if partial or not amount.complete else ""
    return more + (DOUBT if amount.unverified else "")


def shares(amounts: Iterable[Amount | None]) -> tuple[Decimal | None, ...]:
    """Return the share of each amount in their sum, from 0 to 1; None for what is not known.

    Where there is nothing to share, every share is 0.
    """
    figures = [None if one is None or one.known is None else one.known.likely for one in amounts]
    whole = sum((max(each, Decimal(0)) for each in figures if each is not None), start=Decimal(0))
    return tuple(
        None if each is None else max(each, Decimal(0)) / whole if whole else Decimal(0)
        for each in figures
    )


def _fine(value: Decimal) -> str:
    """Return a small figure with two digits that count, down to a hundredth of a cent."""
    return _TINIEST if 0 < value < _LEAST else fine_dollars(value)


def percent(share: Decimal | None) -> str:
    """Return a share as `88 %`, `< 1 %` for less than one in a hundred, `–`."""
    if share is None:
        return UNKNOWN_TEXT
    if 0 < share < Decimal("0.01"):
        return "< 1 %"
    return f"{share * 100:.0f} %"


def right(text: str, width: int, style: str = "") -> Content:
    """Return `text` at the right end of `width` cells, cut where it is longer."""
    if cell_len(text) >= width:
        return Content.styled(text, style).truncate(max(width, 0), ellipsis=True)
    return Content.assemble(" " * (width - cell_len(text)), (text, style))


def left(text: str | Content, width: int, style: str = "") -> Content:
    """Return `text` at the left end of `width` cells, cut where it is longer."""
    shown = Content.styled(text, style) if isinstance(text, str) else text
    return shown.truncate(max(width, 0), ellipsis=True, pad=True)
