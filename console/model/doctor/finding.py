"""What the doctor found: how each thing is, why it matters, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later, tr_many
from console.model.doctor.checks import ORDER, Check, Text, text_of


class State(StrEnum):
    """How a thing is.

    What is `WRONG` keeps something that people come for from working; a `WARNING` does not, yet.
    What is `UNKNOWN` could not be found out; what is `NOT_ASKED` does not matter here.
    """

    WRONG = tr_later("wrong")
    WARNING = tr_later("warning")
    UNKNOWN = tr_later("not known")
    OK = tr_later("ok")
    NOT_ASKED = tr_later("not asked")

    @property
    def word(self) -> str:
        """The state as people read it."""
        return tr(str(self))


_WORST_FIRST: Final = tuple(State)

SIGNS: Final = {
    State.WRONG: "✗",
    State.WARNING: "▲",
    State.UNKNOWN: "?",
    State.OK: "✓",
    State.NOT_ASKED: "–",
}
"""The sign of each state; the word stands beside it wherever it is shown."""


@dataclass(frozen=True, slots=True)
class Mend:
    """What helps: `command` is for copying, `words` says what it does or what to do by hand.

    Either may be empty. A word in capitals in a command is for the reader to fill in.
    """

    command: str = ""
    words: str = ""

    @property
    def said(self) -> Mend:
        """The same with its words, noted in English, in the language that is spoken."""
        return Mend(self.command, tr(self.words))


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is; `found` is one line, and `mends` are to be tried in their order."""

    check: Check
    state: State
    found: str
    mends: tuple[Mend, ...] = ()

    @property
    def text(self) -> Text:
        """What the thing is called, and why it matters."""
        return text_of(self.check)


@dataclass(frozen=True, slots=True)
class Report:
    """All that the doctor found in a context."""

    context: str
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, context: str, findings: Iterable[Finding]) -> Report:
        """Put findings that came in any order into that of the checks."""
        return cls(context, tuple(sorted(findings, key=lambda each: ORDER.index(each.check))))

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return not self.having(State.WRONG)

    @property
    def worst_first(self) -> tuple[Finding, ...]:
        """The findings by how bad they are."""
        return tuple(sorted(self.findings, key=lambda each: _WORST_FIRST.index(each.state)))

    def having(self, state: State) -> tuple[Finding, ...]:
        """Return the findings in one state."""
        return tuple(each for each in self.findings if each.state is state)

    def finding(self, check: Check) -> Finding:
        """Return what was found of one thing; raises `KeyError`."""
        found = next((each for each in self.findings if each.check is check), None)
        if found is None:
            raise KeyError(check)
        return found


def summary(report: Report) -> str:
    """Say in a few words how it all is: `1 wrong, 2 warnings, 14 ok`."""
    counted = ((state, len(report.having(state))) for state in _WORST_FIRST)
    parts = [_counted(state, count) for state, count in counted if count]
    return tr(", ").join(parts) or tr("nothing was looked at")


def _counted(state: State, count: int) -> str:
    match state:
        case State.WRONG:
            return tr_many("1 wrong", "{count} wrong", count)
        case State.WARNING:
            return tr_many("1 warning", "{count} warnings", count)
        case State.UNKNOWN:
            return tr_many("1 not known", "{count} not known", count)
        case State.OK:
            return tr_many("1 ok", "{count} ok", count)
        case State.NOT_ASKED:
            return tr_many("1 not asked", "{count} not asked", count)
