"""What keys do on the screen of cold starts."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action, Scope

_GROUP: Final = "Cold starts"

COLD_STARTS: Final[tuple[Action, ...]] = (
    Action(
        "coldstarts.logs",
        ("enter",),
        "Its log",
        "Show the log of the chosen start's instance",
        Scope.COLD_STARTS,
        _GROUP,
    ),
    Action(
        "coldstarts.measure",
        ("m",),
        "Measure now",
        "Wake the service at zero with one small picture, and time that from outside",
        Scope.COLD_STARTS,
        _GROUP,
        spends=True,
    ),
    Action(
        "coldstarts.compare",
        ("v",),
        "Compare",
        "Compare with the revision before, or before and after the chosen start",
        Scope.COLD_STARTS,
        _GROUP,
    ),
    Action(
        "coldstarts.window",
        ("s",),
        "Since",
        "Look at the last day, week, month, or at all starts",
        Scope.COLD_STARTS,
        _GROUP,
    ),
    Action(
        "coldstarts.copy",
        ("y",),
        "Copy",
        "Copy the chosen start and its diagnosis as text",
        Scope.COLD_STARTS,
        _GROUP,
        footer=False,
    ),
)
