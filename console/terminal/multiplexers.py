"""Ways through what lies between console and terminal: tmux and GNU screen.

Both obey what they know and swallow the rest, unless it is wrapped for them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Final

TMUX: Final = "tmux"
SCREEN: Final = "screen"

_SCREEN_PIECE: Final = 512
_PATIENCE: Final = 1.0


def passed_on(sequence: str, multiplexer: str) -> str:
    """Return `sequence` so that `multiplexer`, or nothing at all, passes it on to the terminal.

    tmux does so only where its option `allow-passthrough` is on; GNU screen in pieces of 512 bytes.
    """
    if multiplexer == TMUX:
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    if multiplexer == SCREEN:
        pieces = [
            sequence[at : at + _SCREEN_PIECE] for at in range(0, len(sequence), _SCREEN_PIECE)
        ]
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return sequence


def tmux_passes_on(environment: Mapping[str, str]) -> bool:
    """Ask tmux whether it passes on what is wrapped for it; False if it does not answer."""
    try:
        told = subprocess.run(
            ("tmux", "show-options", "-Apqv", "allow-passthrough"),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.stdout.strip() in ("on", "all")
