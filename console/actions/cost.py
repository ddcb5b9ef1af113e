"""What keys do on the screen of costs."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action, Scope

_GROUP: Final = "Cost"

COST: Final[tuple[Action, ...]] = (
    Action(
        "cost.lines",
        ("enter",),
        "Lines",
        "Show what a part is made of and how it was reckoned, or hide that",
        Scope.COST,
        _GROUP,
    ),
    Action(
        "cost.what_if",
        ("w",),
        "What if",
        "Say what a month would cost with another class, region, shape or model",
        Scope.COST,
        _GROUP,
    ),
    Action(
        "cost.prices",
        ("P",),
        "Prices",
        "Show every price that counts here, with its source and date",
        Scope.COST,
        _GROUP,
    ),
    Action(
        "cost.free",
        ("f",),
        "Free tier",
        "Reckon without the free tier, with it shared, or with all of it",
        Scope.COST,
        _GROUP,
    ),
    Action(
        "cost.copy",
        ("y",),
        "Copy",
        "Copy what is shown as text",
        Scope.COST,
        _GROUP,
        footer=False,
    ),
)
