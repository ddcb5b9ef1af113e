"""Text from outside made safe to show: the one place where `SafeText` is born.

Control functions follow ECMA-48 (5th edition): control sequences in §5.4, control strings in
§5.6. Whole sequences disappear, since they were never meant to be read; whatever is left of the
control and format characters becomes a visible placeholder, so that no text can move the
cursor, set the clipboard or reorder a line, and none can hide.
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
_SUSPECT: Final = re.compile(r"[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u3040-\u312f\u3190-\uabff]")
_PLACEHOLDER: Final = "·"
_PICTURES: Final = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def sanitise(text: str | bytes) -> SafeText:
    """Return `text` as one safe line of at most `MAX_BYTES`; doing it twice changes nothing.

    Bytes are read as UTF-8. A line that is too long ends in `… +N`, where N counts the
    characters that are not shown.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", errors="replace")
    if len(text) <= _SURELY_SHORT and text.isprintable():
        # Nothing in it is a control or format character, so nothing below would change it.
        return SafeText(text)
    beyond = max(0, len(text) - _MAX_INPUT)
    line = _SEQUENCE.sub("", text[:_MAX_INPUT])
    line = _SUSPECT.sub(_visible, line).expandtabs(TAB_WIDTH)
    return SafeText(_capped(line, beyond))


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\t":
        return character
    if unicodedata.category(character) not in _HIDDEN_CATEGORIES:
        return character
    return _PICTURES.get(ord(character), _PLACEHOLDER)


def _capped(line: str, beyond: int) -> str:
    encoded = line.encode("utf-8")
    if not beyond and len(encoded) <= MAX_BYTES:
        return line
    room = MAX_BYTES - len(f"… +{beyond + len(line)}".encode())
    shown = encoded[:room].decode("utf-8", errors="ignore")
    return f"{shown}… +{beyond + len(line) - len(shown)}"
