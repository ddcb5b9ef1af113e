"""What keys do on the screen of cold starts."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action, Scope
from console.language import tr_later

_GROUP: Final = tr_later("Cold starts")

COLD_STARTS: Final[tuple[Action, ...]] = (
    Action(
        "coldstarts.logs",
        ("enter",),
        tr_later("Its log"),
        tr_later("Show the log of the chosen start's instance"),
        Scope.COLD_STARTS,
        _GROUP,
    ),
    Action(
        "coldstarts.measure",
        ("m",),
        tr_later("Measure now"),
        tr_later("Wake the service at zero with one small picture, and time that from outside"),
        Scope.COLD_STARTS,
        _GROUP,
        spends=True,
    ),
    Action(
        "coldstarts.compare",
        ("v",),
        tr_later("Compare"),
        tr_later("Compare with the revision before, or before and after the chosen start"),
        Scope.COLD_STARTS,
        _GROUP,
    ),
    Action(
        "coldstarts.window",
        ("s",),
        tr_later("Since"),
        tr_later("Look at the last day, week, month, or at all starts"),
        Scope.COLD_STARTS,
        _GROUP,
    ),
    Action(
        "coldstarts.copy",
        ("y",),
        tr_later("Copy"),
        tr_later("Copy the chosen start and its diagnosis as text"),
        Scope.COLD_STARTS,
        _GROUP,
        footer=False,
    ),
)
