"""What the demo model can draw: one shape in one colour on one background, somewhere, in a size.

A scene is pure data. Some combinations of shape, colour and background are held out: no training
stage ever sees them, so that measuring on them measures understanding and not memory.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

SHAPES = ("circle", "square", "triangle", "star", "ring", "cross")
COLOURS = (
    "red",
    "orange",
    "yellow",
    "green",
    "cyan",
    "blue",
    "purple",
    "pink",
    "black",
    "white",
)
SIZES = ("small", "medium", "large")
PLACES = (
    "centre",
    "left",
    "right",
    "top",
    "bottom",
    "top left",
    "top right",
    "bottom left",
    "bottom right",
)

DEFAULT_COLOUR = "black"
DEFAULT_BACKGROUND = "white"
DEFAULT_SIZE = "medium"
DEFAULT_PLACE = "centre"

_WHITE_SHARE = 0.25
_CENTRE_SHARE = 0.3
_HOLD_OUT_MODULUS = 5


@dataclass(frozen=True)
class Scene:
    """One shape on a background; every field is one of the names of this module."""

    shape: str
    colour: str
    background: str
    size: str = DEFAULT_SIZE
    place: str = DEFAULT_PLACE


def default_background(colour: str) -> str:
    """Return the background of a shape of some colour where none is named: white, if it can be."""
    return "black" if colour == DEFAULT_BACKGROUND else DEFAULT_BACKGROUND


def default_colour(background: str) -> str:
    """Return the colour of a shape on some background where none is named: black, if it can be."""
    return "white" if background == DEFAULT_COLOUR else DEFAULT_COLOUR


def is_held_out(shape: str, colour: str, background: str) -> bool:
    """Tell whether a combination is kept away from training: one in five, spread evenly."""
    turn = SHAPES.index(shape) + COLOURS.index(colour) + 2 * COLOURS.index(background)
    return turn % _HOLD_OUT_MODULUS == 0


def combinations(*, held_out: bool) -> Iterator[tuple[str, str, str]]:
    """Yield (shape, colour, background) of the training part or of the held-out part."""
    for shape in SHAPES:
        for colour in COLOURS:
            for background in COLOURS:
                if colour != background and is_held_out(shape, colour, background) == held_out:
                    yield shape, colour, background


def sample_scene(rng: random.Random, *, held_out: bool = False) -> Scene:
    """Draw a random scene; white grounds, and shapes in the centre, come more often."""
    while True:
        shape = rng.choice(SHAPES)
        colour = rng.choice(COLOURS)
        white = rng.random() < _WHITE_SHARE
        background = DEFAULT_BACKGROUND if white else rng.choice(COLOURS)
        if colour != background and is_held_out(shape, colour, background) == held_out:
            break
    centred = rng.random() < _CENTRE_SHARE
    place = DEFAULT_PLACE if centred else rng.choice(PLACES)
    return Scene(shape, colour, background, rng.choice(SIZES), place)
