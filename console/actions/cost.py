"""What keys do on the screen of costs."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action, Scope
from console.language import tr_later

_GROUP: Final = tr_later("Cost")

COST: Final[tuple[Action, ...]] = (
    Action(
        "cost.lines",
        ("enter",),
        tr_later("Lines"),
        tr_later("Show what a part is made of and how it was reckoned, or hide that"),
        Scope.COST,
        _GROUP,
    ),
    Action(
        "cost.what_if",
        ("w",),
        tr_later("What if"),
        tr_later("Say what a month would cost with another class, region, shape or model"),
        Scope.COST,
        _GROUP,
    ),
    Action(
        "cost.prices",
        ("P",),
        tr_later("Prices"),
        tr_later("Show every price that counts here, with its source and date"),
        Scope.COST,
        _GROUP,
    ),
    Action(
        "cost.free",
        ("f",),
        tr_later("Free tier"),
        tr_later("Reckon without the free tier, with it shared, or with all of it"),
        Scope.COST,
        _GROUP,
    ),
    Action(
        "cost.copy",
        ("y",),
        tr_later("Copy"),
        tr_later("Copy what is shown as text"),
        Scope.COST,
        _GROUP,
        footer=False,
    ),
)
