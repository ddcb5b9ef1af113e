"""Text for the clipboard of whoever sits at the terminal, however far away that is.

The terminal is asked for it by OSC 52 (xterm, "Operating System Commands": `Ps = 5 2`), which
works over SSH as well. tmux and GNU screen pass on only what is wrapped for them. Nothing says
whether a terminal obeys, so nobody can promise it.
"""

from __future__ import annotations

import base64
from typing import Final

from console.terminal.multiplexers import passed_on

LONGEST: Final = 74_994
"""How many characters of Base64 a terminal is sure to take (xterm's and tmux's limit)."""


def clipboard_sequence(text: str, multiplexer: str = "") -> str | None:
    """Return what makes the terminal copy `text`, or None where that is too long to be copied.

    `multiplexer` is what lies between: `tmux`, `screen`, or nothing.
    """
    encoded = base64.b64encode(text.encode()).decode("ascii")
    if len(encoded) > LONGEST:
        return None
    return passed_on(f"\x1b]52;c;{encoded}\a", multiplexer)
