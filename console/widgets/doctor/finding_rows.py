"""The rows of the doctor's list: one for each thing that was found or is still asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.cells import set_cell_size
from textual.content import Content

from console.language import tr, tr_later, tr_many
from console.model.doctor.checks import Check, text_of
from console.model.doctor.finding import SIGNS, Finding, State
from console.model.doctor.progress import Progress
from console.terminal.sanitise import sanitise

STYLES: Final = {
    State.WRONG: "bold $error",
    State.WARNING: "$warning",
    State.UNKNOWN: "$primary",
    State.OK: "$success",
    State.NOT_ASKED: "$text-muted",
}
PENDING: Final = tr_later("◌ examining")
_STATE: Final = 13
_TITLE: Final = 17


@dataclass(frozen=True, slots=True)
class LeftOut:
    """All that does not matter in the context, which is one row together."""

    findings: tuple[Finding, ...]


Entry = Finding | Check | LeftOut
"""What a row is about; a `Check` is one that is still asked."""


def entries(progress: Progress) -> tuple[Entry, ...]:
    """Return what there is a row for: what is wrong first, and what is still asked near the end."""
    left_out = progress.left_out
    together = (LeftOut(left_out),) if left_out else ()
    return (*progress.worst_first, *progress.pending, *together)


def key_of(entry: Entry) -> str:
    """Return what an entry is known by while it changes from asked to found."""
    match entry:
        case Finding():
            return str(entry.check)
        case LeftOut():
            return "left out"
        case _:
            return str(entry)


def state_of(entry: Entry) -> tuple[str, str]:
    """Return the sign and word of an entry's state, and their style."""
    match entry:
        case Finding():
            return f"{SIGNS[entry.state]} {entry.state.word}", STYLES[entry.state]
        case LeftOut():
            state = State.NOT_ASKED
            return f"{SIGNS[state]} {state.word}", STYLES[state]
        case _:
            return tr(PENDING), "$text-muted"


def title_of(entry: Entry) -> str:
    """Return what the thing is called."""
    match entry:
        case Finding():
            return entry.text.title
        case LeftOut(findings):
            return tr_many("1 thing", "{count} things", len(findings))
        case _:
            return text_of(entry).title


def entry_row(entry: Entry) -> Content:
    """Return the row of an entry: state, title, and what was found in as much room as there is."""
    state, style = state_of(entry)
    parts: list[str | tuple[str, str]] = [(set_cell_size(state, _STATE), style)]
    match entry:
        case Finding():
            parts += [set_cell_size(title_of(entry), _TITLE), sanitise(entry.found)]
        case LeftOut(findings):
            names = tr(", ").join(each.text.title for each in findings)
            parts.append((set_cell_size(title_of(entry), _TITLE) + names, "$text-muted"))
        case _:
            parts.append((title_of(entry), "$text-muted"))
    return Content.assemble(*parts)
