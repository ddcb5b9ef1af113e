"""The panes of each screen that can be shown alone: the main one first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.screen import Screen
from textual.widget import Widget

_PANES: Final[Mapping[str, tuple[str, ...]]] = {
    "app.overview": ("LogTail", "RolloutView", "ServiceFacts"),
    "app.coldstarts": ("StartTable", "DiagnosisPane", "StartFigures"),
    # With the row in which is written what is looked for.
    "app.logs": ("#body",),
    "app.cost": ("CostBreakdown", "CostMeaning"),
    "app.generate": ("PicturePair",),
    "app.models": ("FileTable", "FileFacts"),
    "app.deploy": ("PlanTable", "RowDetail"),
}
"""By the action that shows the screen; the panes are selectors."""


def pane_of(screen: Screen[None], action: str) -> Widget | None:
    """Return the pane with the focus, else the first one that is there to be seen."""
    panes = [pane for name in _PANES.get(action, ()) for pane in screen.query(name).results(Widget)]
    focused = screen.focused
    holding = [
        pane
        for pane in panes
        if focused is not None and focused in pane.walk_children(with_self=True)
    ]
    seen = [pane for pane in panes if pane.display and pane.region]
    return next(iter((*holding, *seen)), None)
