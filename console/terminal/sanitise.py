"""Text from outside made safe to show: the one place where `SafeText` is born.

Control functions follow ECMA-48 (5th edition): control sequences in §5.4, control strings in
§5.6. Whole sequences disappear, since they were never meant to be read; whatever is left of the
control and format characters becomes a visible placeholder, so that no text can move the
cursor, set the clipboard or reorder a line, and none can hide. What Unicode draws as nothing, or
every terminal as it likes, is a control in all but name, and is treated as one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from console.model.text import SafeText

MAX_BYTES: Final = 8_192
"""Longest line kept, in bytes of UTF-8."""

TAB_WIDTH: Final = 4
_MAX_INPUT: Final = 8 * MAX_BYTES
_SURELY_SHORT: Final = MAX_BYTES // 4
_MAX_STRING: Final = 4_096
_MAX_PARAMETERS: Final = 256

_SEQUENCE: Final = re.compile(
    # Control strings: APC, DCS, OSC, PM, SOS … ended by ST, or by BEL as xterm allows.
    rf"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x07\x0e-\x1f\x7f-\x9f]{{0,{_MAX_STRING}}}"
    r"(?:\x1b\\|\x9c|\x07)"
    # Control sequences: CSI, parameters, intermediates, final byte.
    rf"|(?:\x1b\[|\x9b)[0-?]{{0,{_MAX_PARAMETERS}}}[ -/]{{0,16}}[@-~]"
    # Other escape sequences, except the introducers of what is above.
    r"|\x1b[ -/]{1,16}[0-~]"
    r"|\x1b[0-OQ-WYZ\\`-~]"
)
# Runs of what a table has to be asked about; all else is drawn, in a width that is agreed upon.
_SUSPECT: Final = re.compile(
    r"[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u3041-\u3096\u309b-\u312f\u3190-\u31e3"
    r"\u3200-\u321e\u3220-\ua48c\uac00-\ud7a3]+"
)
_PLACEHOLDER: Final = "·"
_PICTURES: Final = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
# Letters and marks that are drawn as nothing: what Default_Ignorable_Code_Point (UAX #44) adds to
# the categories. Kitty's own picture cells are of private use, which is why that is hidden too.
_INVISIBLE: Final = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0d\uffa0"
    r"\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
# They choose among the looks of the same sign (text or picture, a tone of skin), in widths that
# terminals disagree on.
_LOOKS: Final = frozenset("\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
# Planes whose unassigned code points have a width for all time (UAX #11, §3.2), and emoji newer
# than the tables of this Python.
_YET_TO_COME: Final = re.compile(
    r"[\U0001f300-\U0001faff\U00020000-\U0002fffd\U00030000-\U0003fffd]"
)
# Vowels and finals of Hangul in parts, which share the cell of the consonant before them.
_JAMO: Final = re.compile(r"[\u1161-\u11ff\ud7b0-\ud7fb]")
_MOST_ON_A_CELL: Final = 8
_NO_BASE: Final = "◌"


def sanitise(text: str | bytes) -> SafeText:
    """Return `text` as one safe line of at most `MAX_BYTES`; doing it twice changes nothing.

    Bytes are read as UTF-8. A line that is too long ends in `… +N`, where N counts the
    characters that are not shown. No cell carries more than eight marks.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", errors="replace")
    if len(text) <= _SURELY_SHORT and _SUSPECT.search(text) is None:
        # Nothing in it is a control or format character, so nothing below would change it.
        return SafeText(text)
    beyond = max(0, len(text) - _MAX_INPUT)
    line = _SEQUENCE.sub("", text[:_MAX_INPUT])
    line = _SUSPECT.sub(_visible, line).expandtabs(TAB_WIDTH)
    return SafeText(_capped(line, beyond))


def _visible(run: re.Match[str]) -> str:
    """Return what is shown of a run of suspects, which begins a line or follows a character."""
    shown: list[str] = []
    # At the beginning of a line marks would sit on whatever is painted before it.
    on_cell = 0 if run.start() else _MOST_ON_A_CELL + 1
    for character in run[0]:
        if character in _LOOKS:
            continue
        seen = _seen(character)
        if not _shares_a_cell(seen):
            shown.append(seen)
            on_cell = 0
        elif not shown and not run.start():
            shown.extend((_NO_BASE, seen))
            on_cell = 1
        elif on_cell < _MOST_ON_A_CELL:
            shown.append(seen)
            on_cell += 1
        elif on_cell == _MOST_ON_A_CELL:
            shown.append(_PLACEHOLDER)
            on_cell += 1
    return "".join(shown)


def _seen(character: str) -> str:
    """Return the character itself if a terminal draws it, or what stands for it."""
    if character == "\t":
        return character
    category = unicodedata.category(character)
    hidden = category in _HIDDEN_CATEGORIES or _INVISIBLE.match(character)
    if hidden or (category == "Cn" and not _YET_TO_COME.match(character)):
        return _PICTURES.get(ord(character), _PLACEHOLDER)
    return character


def _shares_a_cell(character: str) -> bool:
    return unicodedata.category(character).startswith("M") or bool(_JAMO.match(character))


def _capped(line: str, beyond: int) -> str:
    encoded = line.encode("utf-8")
    if not beyond and len(encoded) <= MAX_BYTES:
        return line
    room = MAX_BYTES - len(f"… +{beyond + len(line)}".encode())
    shown = encoded[:room].decode("utf-8", errors="ignore")
    return f"{shown}… +{beyond + len(line) - len(shown)}"
