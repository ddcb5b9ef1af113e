"""The console's colours: dark, light, of strong contrast, and the terminal's own.

The theme must be chosen before the application is made, because Textual chooses its colour
filters then.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

from console.terminal.capabilities import Capabilities, Colour

AUTO: Final = "auto"
_PREFIX: Final = "zimage-"


def _palette(
    name: str,
    *,
    dark: bool,
    primary: str,
    secondary: str,
    accent: str,
    error: str,
    success: str,
    foreground: str,
    muted: str,
    background: str,
    panel: str,
    frame: str,
    thumb: str,
    cursor: str,
    selection: str,
    hues: tuple[str, str, str, str, str, str, str, str],
    untold: str,
) -> Theme:
    """Return a theme; `hues` tell things apart that are of one kind, such as instances."""
    ground = dict.fromkeys(
        (
            "scrollbar-background",
            "scrollbar-background-hover",
            "scrollbar-background-active",
            "scrollbar-corner-color",
        ),
        background,
    )
    return Theme(
        name=_PREFIX + name,
        dark=dark,
        primary=primary,
        secondary=secondary,
        accent=accent,
        warning=accent,
        error=error,
        success=success,
        foreground=foreground,
        background=background,
        surface=background,
        panel=panel,
        variables={
            "border": primary,
            "border-blurred": frame,
            "text-muted": muted,
            "text-disabled": muted,
            "input-cursor-background": foreground,
            "input-cursor-foreground": background,
            "input-selection-background": selection,
            "scrollbar": frame,
            "scrollbar-hover": thumb,
            "scrollbar-active": primary,
            **ground,
            "block-cursor-background": cursor,
            "block-cursor-foreground": foreground,
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": panel,
            "block-cursor-blurred-foreground": foreground,
            **{f"hue-{number}": hue for number, hue in enumerate(hues)},
            "untold": untold,
        },
    )


DARK: Final = _palette(
    "dark",
    dark=True,
    primary="#86aed1",
    secondary="#6fa39b",
    accent="#d8a657",
    error="#e88089",
    success="#8fb573",
    foreground="#d3d9e3",
    muted="#8b95a6",
    background="#0f1319",
    panel="#1c232e",
    frame="#2f3947",
    thumb="#3d495a",
    cursor="#1f2d3d",
    selection="#36516b",
    hues=(
        "#86aed1",
        "#8fb573",
        "#c39ac9",
        "#6fa39b",
        "#d8a657",
        "#9d9fd6",
        "#d98c8c",
        "#b7c3d0",
    ),
    untold="#4a5465",
)
LIGHT: Final = _palette(
    "light",
    dark=False,
    primary="#1d5a8c",
    secondary="#23665c",
    accent="#7d5000",
    error="#a8201a",
    success="#2b6218",
    foreground="#1c232d",
    muted="#525c6b",
    background="#fbfbf8",
    panel="#e9edf1",
    frame="#bcc4ce",
    thumb="#98a3b1",
    cursor="#d9e6f2",
    selection="#a9cbe8",
    hues=(
        "#1d5a8c",
        "#2b6218",
        "#74368a",
        "#23665c",
        "#7d5000",
        "#4547a3",
        "#973a3a",
        "#46525f",
    ),
    untold="#a4adb9",
)
HIGH_CONTRAST: Final = _palette(
    "high-contrast",
    dark=True,
    primary="#8fd3ff",
    secondary="#6fe3d2",
    accent="#ffd75f",
    error="#ffa0a0",
    success="#93f28b",
    foreground="#ffffff",
    muted="#d0d0d0",
    background="#000000",
    panel="#1a1a1a",
    frame="#9a9a9a",
    thumb="#cfcfcf",
    cursor="#00274d",
    selection="#00508f",
    hues=(
        "#8fd3ff",
        "#93f28b",
        "#f0b3ff",
        "#6fe3d2",
        "#ffd75f",
        "#c0c2ff",
        "#ffb3a6",
        "#e6e6e6",
    ),
    untold="#8c8c8c",
)
ANSI: Final = Theme(
    name=_PREFIX + "ansi",
    ansi=True,
    dark=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_yellow",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_bright_black",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_white",
        "input-cursor-background": "ansi_black",
        "input-cursor-foreground": "ansi_bright_white",
        "input-selection-background": "ansi_bright_blue",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_bright_blue",
        "screen-selection-foreground": "ansi_black",
        "hue-0": "ansi_blue",
        "hue-1": "ansi_green",
        "hue-2": "ansi_magenta",
        "hue-3": "ansi_cyan",
        "hue-4": "ansi_yellow",
        "hue-5": "ansi_bright_blue",
        "hue-6": "ansi_red",
        "hue-7": "ansi_bright_white",
        "untold": "ansi_bright_black",
    },
)
THEMES: Final = (DARK, LIGHT, HIGH_CONTRAST, ANSI)


def theme_for(choice: str, capabilities: Capabilities) -> Theme:
    """Return the theme that somebody chose; `AUTO` leaves it to what the terminal can do.

    Terminals of 256 colours show the palettes closely enough; below that the terminal's own
    sixteen are used, and under NO_COLOR, which has the last word, not even those.
    """
    if capabilities.colour is Colour.NONE:
        return ANSI
    if choice != AUTO:
        return next(each for each in THEMES if each.name == _PREFIX + choice)
    if not capabilities.many_colours:
        return ANSI
    return LIGHT if capabilities.light else DARK


def after(theme: str) -> Theme | None:
    """Return what a key puts in the place of a theme: the next of those in full colour.

    None for the colours of the terminal, which were chosen because there are no others.
    """
    full = [each for each in THEMES if not each.ansi]
    names = [each.name for each in full]
    return full[(names.index(theme) + 1) % len(full)] if theme in names else None
