"""Signs of ASCII in the place of others, each as wide as the one that it stands for."""

from __future__ import annotations

from typing import Final

SIGNS: Final = str.maketrans(
    {
        # What states and marks look like.
        "●": "*",
        "○": "o",
        "◌": ":",
        "◎": "@",
        "◔": "~",
        "◑": "%",
        "◆": "*",
        "▫": "o",
        "✓": "+",
        "✗": "x",
        "▲": "!",
        "⊘": "/",
        "∅": "0",
        "§": "S",
        # Frames and lines.
        **dict.fromkeys("─━╌╍┄┅┈┉═▔╴╶╸╺╼╾", "-"),
        **dict.fromkeys("│┃╎╏┆┇┊┋║╵╷╹╻╽╿▕", "|"),
        **dict.fromkeys("┌┍┎┏┐┑┒┓└┕┖┗┘┙┚┛├┝┣┤┥┫┬┯┳┴┷┻┼┿╂╋╔╗╚╝╠╣╦╩╬╭╮╯╰", "+"),
        "╳": "x",
        # Bars, and small ones in a row.
        **dict.fromkeys("█▉▊▋▌▐▛▜▙▟▀", "#"),
        **dict.fromkeys("▍▎▏▖▗▘▝", "|"),
        "▁": "_",
        "▂": ".",
        "▃": "-",
        "▄": "=",
        "▅": "+",
        "▆": "*",
        "▇": "%",
        "░": ".",
        "▒": ":",
        "▓": "%",
        # Pointers.
        **dict.fromkeys("→›▸▶▹❯", ">"),
        **dict.fromkeys("←‹◂◀◃❮", "<"),
        **dict.fromkeys("↑▴△▵", "^"),
        **dict.fromkeys("↓▾▼▽▿", "v"),
        # Letters and figures.
        **dict.fromkeys("–—−‐‑", "-"),
        **dict.fromkeys("·•∙", "."),
        "…": ".",
        "×": "x",
        "≈": "~",
        "≤": "<",
        "≥": ">",
        "≠": "!",
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("“”", '"'),
        "\N{NO-BREAK SPACE}": " ",
    }
)
"""For every sign of the console's own: one that every terminal has."""


def in_ascii(text: str) -> str:
    """Return `text` with every sign of the console's own in ASCII, and everything else as it is."""
    return text if text.isascii() else text.translate(SIGNS)
