"""Puts hostile text together at random and looks at what sanitising it leaves.

    python tests/fuzz/fuzz_text.py --cases 200000 --seed 1

What comes out is one line that a terminal can do nothing with but show it, within its bounds, and
the same when it is sanitised again; visible text comes out as it went in.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import unicodedata
from collections import Counter
from itertools import groupby

import pyte

from console.terminal.sanitise import MAX_BYTES, sanitise

HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
MOST_MARKS = 8
VISIBLE = (
    "ready",
    "中文字",
    "é",
    "한국어",
    "Привет",
    "שלום",
    "a red fox",
    "[red]no markup[/]",
    "🦊",
)
PIECES = {
    "introducer": (*("\x1b" + sign for sign in "[]PX^_N#(%"), *"\x1b\x9b\x9d\x90\x98\x9e\x9f"),
    "end": ("\x1b\\", "\x9c", "\x07", "\x18", "\x1a", "m", "h", "l", "H", "J", "q", "~", "@"),
    "parameter": (
        "0",
        "1;31",
        "?1049",
        "52;c;aGk=",
        "38:2::1:2:3",
        ">4;2",
        "8;;http://x",
        " ",
        "$",
    ),
    "control": tuple(map(chr, (*range(0x20), 0x7F, *range(0x80, 0xA0)))),
    "format": tuple("\u200b\u200d\u202e\u2066\u2069\u00ad\ufeff\u061c\u2028\u2029\U000e0041"),
    "mark": tuple("\u0301\u0489\u20dd\u034f\ufe0f\ufe00\U000e0100\u1161\u11ab"),
    "odd": tuple("\ud800\udfff\ue000\U0010eeee\ufdd0\uffff\u3164\u115f\ufdfd\U0001faf8"),
    "visible": VISIBLE,
}


class Fault(Exception):
    """A text of which sanitising left what it must not leave."""


def hostile(rng: random.Random) -> tuple[str, str]:
    """Return what kinds of pieces a text begins with, and the text."""
    kinds = rng.choices(sorted(PIECES), k=rng.randrange(1, 14))
    text = "".join(rng.choice(PIECES[kind]) for kind in kinds)
    if rng.random() < 0.05:
        text *= rng.randrange(2, 3_000)
    if rng.random() < 0.1:
        at = rng.randrange(len(text))
        text = text[:at] + chr(rng.randrange(sys.maxunicode + 1)) + text[at:]
    return kinds[0], text


def examine(text: str) -> str:
    """Sanitise `text` and say how it ended; raises `Fault` for what must not come out."""
    shown = sanitise(text)
    if sanitise(shown) != shown:
        raise Fault("sanitising it again changes it")
    if len(shown.encode()) > MAX_BYTES:
        raise Fault(f"{len(shown.encode()):,} bytes are left")
    categories = [unicodedata.category(each) for each in shown]
    if HIDDEN.intersection(categories):
        raise Fault("something hidden is left")
    runs = (
        len(list(run))
        for marks, run in groupby(each.startswith("M") for each in categories)
        if marks
    )
    if max(runs, default=0) > MOST_MARKS:
        raise Fault("marks pile up")
    if len(shown) < 400:
        obeyed(shown)
    return "as it was" if shown == text else "shortened" if "… +" in shown else "mended"


def obeyed(shown: str) -> None:
    """Raise `Fault` if a terminal does anything with the text but show it."""
    screen = pyte.Screen(2_000, 2)
    before = set(screen.mode)
    pyte.Stream(screen).feed(shown)
    if screen.title or screen.icon_name or screen.mode != before or screen.cursor.y:
        raise Fault("a terminal obeys it")
    if screen.cursor.attrs != pyte.screens.Char(" "):
        raise Fault("a terminal is coloured by it")


def run(cases: int, seed: int) -> Counter[str]:
    """Try that many texts; return how often each ending came. Raises `Fault` at the first fault."""
    rng = random.Random(seed)
    endings: Counter[str] = Counter()
    for case in range(cases):
        kind, text = hostile(rng)
        try:
            endings[f"{kind}: {examine(text)}"] += 1
        except Exception as error:
            words = f"case {case} of seed {seed}, {text[:200]!a}"
            raise Fault(f"{words}: {type(error).__name__}: {error}") from error
    for text in VISIBLE:
        if sanitise(text) != text:
            raise Fault(f"visible text is changed: {text!a}")
    return endings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    started = time.monotonic()
    try:
        endings = run(chosen.cases, chosen.seed)
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    for ending, count in sorted(endings.items()):
        print(f"{count:10,}  {ending}")
    print(f"{chosen.cases:,} texts in {time.monotonic() - started:,.0f} s, no fault")
    return 0


if __name__ == "__main__":
    sys.exit(main())
