"""The last look at what goes to the terminal: it obeys the console, and no text that is shown.

Text from outside is made safe where it comes in (`console.terminal.sanitise`). This stands at the
ways out, which are the painter's lines, the streams of the verbs and the clipboard, so that
whatever was overlooked on the way is lost there instead of obeyed. Nothing of it is seen as long
as nothing was overlooked.
"""

from __future__ import annotations

import re
from typing import Any, Final, TextIO

_CONTROLS: Final = "\x00-\x1f\x7f-\x9f"
_REORDERING: Final = "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_LOST_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NEVER_PAINTED: Final = re.compile(f"[{_CONTROLS}{_REORDERING}]")
# What verbs write of their own: lines, colours, and a status line that is written over.
_NEVER_PRINTED: Final = re.compile(
    rf"(?P<own>\x1b\[[0-9;]*[mK])|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_REORDERING}]"
)


def painted(text: str) -> str:
    """Return `text` of one line as it may be painted; it is as wide as before."""
    # What is dropped has no width, and a lone half of a pair counts as one cell.
    return _LOST_SURROGATE.sub("?", _NEVER_PAINTED.sub("", text))


def printed(text: str) -> str:
    """Return `text` as a verb may print it: in lines, coloured at most, nothing else obeyed."""
    return _LOST_SURROGATE.sub("?", _NEVER_PRINTED.sub(lambda match: match["own"] or "", text))


def copied(text: str) -> str:
    """Return `text` as it may be copied, and so typed into a shell: in lines, nothing obeyed."""
    return "\n".join("\t".join(map(painted, line.split("\t"))) for line in text.split("\n"))


class PrintedOnly:
    """A stream that passes on to another one what may be printed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what may be printed of `text`; returns how much was taken, which is all."""
        self._stream.write(printed(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write one text after another."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
