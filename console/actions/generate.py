"""What keys do on the screen on which pictures are made."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action, Scope

GENERATE: Final[tuple[Action, ...]] = (
    Action(
        "generate.run",
        ("enter",),
        "Make it",
        "Make a picture from the prompt",
        Scope.GENERATE,
        "Generate",
        spends=True,
    ),
    Action(
        "generate.cancel",
        ("escape",),
        "Cancel",
        "Cancel the picture being made, or leave the prompt",
        Scope.GENERATE,
        "Generate",
    ),
    Action(
        "generate.target",
        ("ctrl+t",),
        "Target",
        "Let the service make the picture, the engine on this machine, or both",
        Scope.GENERATE,
        "Generate",
    ),
    Action(
        "generate.save",
        ("S", "ctrl+s"),
        "Save as",
        "Save another copy of the picture",
        Scope.GENERATE,
        "Generate",
    ),
    Action(
        "generate.again",
        ("R", "ctrl+n"),
        "Re-roll",
        "Make the picture again with another seed",
        Scope.GENERATE,
        "Generate",
        spends=True,
    ),
    Action(
        "generate.reuse",
        ("u",),
        "Reuse",
        "Write the prompt, size, steps and seed of the picture shown into the form",
        Scope.GENERATE,
        "Generate",
    ),
    Action(
        "generate.older",
        ("left_square_bracket",),
        "Older",
        "Show the picture made before",
        Scope.GENERATE,
        "Generate",
        footer=False,
    ),
    Action(
        "generate.newer",
        ("right_square_bracket",),
        "Newer",
        "Show the picture made after",
        Scope.GENERATE,
        "Generate",
        footer=False,
    ),
)
