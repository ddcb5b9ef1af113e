"""What a terminal has been told to do, read off the bytes by the grammar of ECMA-48.

It knows nothing of the console: whatever a terminal would obey is noted, however it got there.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

ALTERNATE_SCREEN = 1049
CURSOR = 25
WRAPS = 7
BRACKETED_PASTE = 2004
MOUSE = frozenset({1000, 1002, 1003, 1006, 1015, 1016})
FOCUS = 1004
SYNCHRONISED = 2026

_FUNCTION = re.compile(
    r"(?P<kind>\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])(?P<body>.*?)(?:\x1b\\|\x07|\x9c)"
    r"|(?:\x1b\[|\x9b)(?P<parameters>[0-?]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b(?P<escape>[ -/]*[0-~])"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])",
    re.DOTALL,
)
_KINDS = {"]": "OSC", "P": "DCS", "X": "SOS", "^": "PM", "_": "APC"}
_EIGHT_BITS = 0x40


@dataclass
class TerminalState:
    """The modes that are set, and what was obeyed: `strings` are OSC, DCS, APC … with their body.

    `functions` counts control functions by their final byte with what stands before it, such as
    `CSI m` or `CSI ?h`. `keyboard` is how many of Kitty's keyboard modes are stacked.
    """

    modes: set[int] = field(default_factory=lambda: {WRAPS, CURSOR})
    strings: list[tuple[str, str]] = field(default_factory=list)
    functions: Counter[str] = field(default_factory=Counter)
    keyboard: int = 0
    text: str = ""

    @classmethod
    def after(cls, written: bytes) -> TerminalState:
        """Return the state of a terminal that was written to."""
        state, said = cls(), written.decode("utf-8", errors="replace")
        for function in _FUNCTION.finditer(said):
            state._obey(function)
        state.text = _FUNCTION.sub("", said)
        return state

    @property
    def is_as_before(self) -> bool:
        """Whether a shell finds the terminal as it was: main screen, cursor, mouse, keys, paste."""
        return self.modes - {SYNCHRONISED} == {WRAPS, CURSOR} and self.keyboard == 0

    def _obey(self, function: re.Match[str]) -> None:
        if function["kind"]:
            introducer = function["kind"][-1]
            seven_bits = introducer if introducer in _KINDS else chr(ord(introducer) - _EIGHT_BITS)
            self.strings.append((_KINDS[seven_bits], function["body"]))
        elif function["final"]:
            self._obey_sequence(function)
        elif function["escape"]:
            self.functions[f"ESC {function['escape']}"] += 1
        else:
            self.functions[f"C {ord(function['control']):02x}"] += 1

    def _obey_sequence(self, function: re.Match[str]) -> None:
        parameters, final = function["parameters"], function["final"]
        private = parameters[:1] if parameters[:1] in "<=>?" else ""
        self.functions[f"CSI {private}{function['between']}{final}"] += 1
        if private == "?" and final in "hl" and not function["between"]:
            changed = {int(each) for each in parameters[1:].split(";") if each}
            self.modes = self.modes | changed if final == "h" else self.modes - changed
        elif final == "u" and private in (">", "<"):
            count = int(parameters[1:] or 1) if private == "<" else 1
            self.keyboard = max(0, self.keyboard + (count if private == ">" else -count))
