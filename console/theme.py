"""The console's colours: a dark, quiet palette, and the terminal's own where colour is limited.

The theme must be chosen before the application is made, because Textual chooses its colour
filters then.
"""

from __future__ import annotations

from textual.theme import Theme

from console.terminal.capabilities import Capabilities, Colour

NAME = "zimage"
PLAIN = "ansi-dark"

ZIMAGE = Theme(
    name=NAME,
    dark=True,
    primary="#86aed1",
    secondary="#6fa39b",
    accent="#d8a657",
    warning="#d8a657",
    error="#e06c75",
    success="#8fb573",
    foreground="#d3d9e3",
    background="#0f1319",
    surface="#0f1319",
    panel="#1c232e",
    variables={
        "border": "#86aed1",
        "border-blurred": "#2f3947",
        "text-muted": "#7c8798",
        "input-cursor-background": "#d3d9e3",
        "input-cursor-foreground": "#0f1319",
        "input-selection-background": "#36516b",
        "scrollbar": "#2f3947",
        "scrollbar-hover": "#3d495a",
        "scrollbar-active": "#86aed1",
        "scrollbar-background": "#0f1319",
        "scrollbar-background-hover": "#0f1319",
        "scrollbar-background-active": "#0f1319",
        "scrollbar-corner-color": "#0f1319",
        "block-cursor-background": "#2a3a4d",
        "block-cursor-foreground": "#d3d9e3",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#1c232e",
        "block-cursor-blurred-foreground": "#d3d9e3",
    },
)


def theme_name(capabilities: Capabilities, term: str) -> str:
    """Return the theme for a terminal; `term` is its TERM.

    Terminals of 256 colours show the palette closely enough; below that, and under NO_COLOR,
    the terminal's own sixteen are used.
    """
    enough = capabilities.colour is Colour.TRUE or (
        capabilities.colour is Colour.ANSI and "256" in term
    )
    return NAME if enough else PLAIN
