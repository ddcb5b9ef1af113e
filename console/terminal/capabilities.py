"""What the terminal can do, judged from the environment alone.

Asking the terminal itself is slow and unsafe: answers that come late over a slow link arrive as
keystrokes. The environment is not always right, so the configuration may overrule it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Colour(StrEnum):
    """How many colours may be used."""

    NONE = "none"
    ANSI = "ansi"
    TRUE = "true"


class Pictures(StrEnum):
    """How pictures are drawn: in full, with characters, or not at all."""

    KITTY = "kitty"
    SIXEL = "sixel"
    HALF = "half"
    NONE = "none"


_SIXEL_PROGRAMS: Final = ("WezTerm", "iTerm.app", "contour")
_SIXEL_TERMS: Final = ("foot", "mlterm", "contour")
"""Terminals that always draw Sixel; many others do if they were built or set up so."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The terminal: its colours, how it draws pictures, and what lies between it and us.

    `remote` says that it is at the other end of an SSH or mosh connection; `multiplexer` is
    `tmux`, `screen` or empty; `unicode` says that more than ASCII can be shown; `many_colours`
    that there are at least 256; `light` that its ground is known to be a light one.
    """

    colour: Colour
    pictures: Pictures
    remote: bool
    multiplexer: str
    unicode: bool
    many_colours: bool = False
    light: bool = False


def detect(environment: Mapping[str, str], images: str = "auto") -> Capabilities:
    """Judge the terminal by its environment; `images` other than `auto` overrules that part."""
    multiplexer = _multiplexer(environment)
    remote = any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "MOSH_IP"))
    colour = _colour(environment)
    pictures = _pictures(environment, remote, multiplexer, colour)
    if images != "auto":
        pictures = Pictures(images)
    many = colour is Colour.TRUE or (colour is Colour.ANSI and "256" in environment.get("TERM", ""))
    return Capabilities(
        colour, pictures, remote, multiplexer, _unicode(environment), many, _light(environment)
    )


def can_host_screen(environment: Mapping[str, str]) -> bool:
    """Say whether the terminal understands cursor movement at all."""
    return environment.get("TERM", "") not in ("", "dumb", "unknown")


def _multiplexer(environment: Mapping[str, str]) -> str:
    if environment.get("TMUX") or environment.get("TERM", "").startswith("tmux"):
        return "tmux"
    if environment.get("STY") or environment.get("TERM", "").startswith("screen"):
        return "screen"
    return ""


def _colour(environment: Mapping[str, str]) -> Colour:
    """NO_COLOR counts when it is set and not empty (https://no-color.org)."""
    if environment.get("NO_COLOR"):
        return Colour.NONE
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Colour.TRUE
    term = environment.get("TERM", "")
    if term.endswith("-direct") or any(name in term for name in ("kitty", "ghostty", "alacritty")):
        return Colour.TRUE
    return Colour.ANSI


def _light(environment: Mapping[str, str]) -> bool:
    """Some terminals tell their colours as `COLORFGBG=0;15`; 7 and 15 are the white ones."""
    return environment.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")


def _pictures(
    environment: Mapping[str, str], remote: bool, multiplexer: str, colour: Colour
) -> Pictures:
    """Characters work everywhere; better only where nothing in between can garble it."""
    if remote or multiplexer or colour is not Colour.TRUE or not _unicode(environment):
        return Pictures.HALF
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if environment.get("KITTY_WINDOW_ID") or "kitty" in term:
        return Pictures.KITTY
    if environment.get("GHOSTTY_RESOURCES_DIR") or "ghostty" in term or program == "ghostty":
        return Pictures.KITTY
    if program in _SIXEL_PROGRAMS or term.startswith(_SIXEL_TERMS) or environment.get("MLTERM"):
        return Pictures.SIXEL
    return Pictures.HALF


def _unicode(environment: Mapping[str, str]) -> bool:
    """The first of LC_ALL, LC_CTYPE, LANG that is set decides (POSIX.1-2017, 8.2)."""
    if environment.get("TERM") == "linux":
        return False
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next((value for name in names if (value := environment.get(name))), "")
    # An environment without any locale is common over SSH and in containers; UTF-8 is the
    # better guess there, and Python itself assumes it (PEP 538).
    if locale in ("", "C", "POSIX"):
        return True
    return "utf-8" in locale.lower() or "utf8" in locale.lower()
