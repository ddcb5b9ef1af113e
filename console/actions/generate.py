"""What keys do on the screen on which pictures are made."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action, Scope
from console.language import tr_later

GENERATE: Final[tuple[Action, ...]] = (
    Action(
        "generate.run",
        ("enter",),
        tr_later("Make it"),
        tr_later("Make a picture from the prompt"),
        Scope.GENERATE,
        tr_later("Generate"),
        spends=True,
    ),
    Action(
        "generate.cancel",
        ("escape",),
        tr_later("Cancel"),
        tr_later("Cancel the picture being made, or leave the prompt"),
        Scope.GENERATE,
        tr_later("Generate"),
    ),
    Action(
        "generate.target",
        ("ctrl+t",),
        tr_later("Target"),
        tr_later("Let the service make the picture, the engine on this machine, or both"),
        Scope.GENERATE,
        tr_later("Generate"),
    ),
    Action(
        "generate.save",
        ("S", "ctrl+s"),
        tr_later("Save as"),
        tr_later("Save another copy of the picture"),
        Scope.GENERATE,
        tr_later("Generate"),
    ),
    Action(
        "generate.again",
        ("R", "ctrl+n"),
        tr_later("Re-roll"),
        tr_later("Make the picture again with another seed"),
        Scope.GENERATE,
        tr_later("Generate"),
        spends=True,
    ),
    Action(
        "generate.reuse",
        ("u",),
        tr_later("Reuse"),
        tr_later("Write the prompt, size, steps and seed of the picture shown into the form"),
        Scope.GENERATE,
        tr_later("Generate"),
    ),
    Action(
        "generate.compare",
        ("b",),
        tr_later("Compare"),
        tr_later("Keep the picture shown beside those shown next, or put it away again"),
        Scope.GENERATE,
        tr_later("Generate"),
    ),
    Action(
        "generate.open",
        ("o",),
        tr_later("Open"),
        tr_later("Open the picture in the viewer of this desktop, or say where its file is"),
        Scope.GENERATE,
        tr_later("Generate"),
    ),
    Action(
        "generate.older",
        ("left_square_bracket",),
        tr_later("Older"),
        tr_later("Show the picture made before"),
        Scope.GENERATE,
        tr_later("Generate"),
        footer=False,
    ),
    Action(
        "generate.newer",
        ("right_square_bracket",),
        tr_later("Newer"),
        tr_later("Show the picture made after"),
        Scope.GENERATE,
        tr_later("Generate"),
        footer=False,
    ),
)
