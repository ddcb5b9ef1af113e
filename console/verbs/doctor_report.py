"""What the doctor found: as a JSON document, and for a person on plain output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, TextIO

from rich.cells import set_cell_size

from console.language import tr
from console.language.lines import broken
from console.model.contexts import in_sandbox
from console.model.doctor.finding import SIGNS, Finding, Report, State, summary
from engine.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from rich.console import Console

_STYLES: Final = {
    State.WRONG: "bold red",
    State.WARNING: "yellow",
    State.UNKNOWN: "cyan",
    State.OK: "green",
    State.NOT_ASKED: "dim",
}
_TITLE: Final = 18
_STATE: Final = 13
_INDENT: Final = _STATE + _TITLE
_PIPE_WIDTH: Final = 160
_LEAST: Final = 40
_HOW: Final = "docs/sandbox.md"


def doctor_document(report: Report) -> dict[str, object]:
    """Return what `doctor --json` prints."""
    return {
        "schema_version": SCHEMA_VERSION,
        "context": report.context,
        "well": report.well,
        "summary": summary(report),
        "findings": [
            {
                "check": str(each.check),
                "title": each.text.title,
                "state": str(each.state),
                "found": each.found,
                "why": each.text.why,
                "mends": [{"command": one.command, "words": one.words} for one in each.mends],
            }
            for each in report.findings
        ],
    }


def print_report(report: Report, stream: TextIO) -> None:
    """Print the findings, what is wrong first; commands are on lines of their own, for copying."""
    from rich.console import Console
    from rich.text import Text

    width = None if stream.isatty() else _PIPE_WIDTH
    console = Console(file=stream, width=width, highlight=False)
    said = tr("{context}: {summary}", context=report.context, summary=summary(report))
    console.print(Text(said))
    console.print()
    for each in report.worst_first:
        if each.state is not State.NOT_ASKED:
            _print_finding(each, console)
    left_out = [each.text.title for each in report.having(State.NOT_ASKED)]
    if left_out:
        console.print()
        titles = tr(", ").join(left_out)
        _print_wrapped(tr("not asked here: {titles}", titles=titles), console)
    if in_sandbox(report.context) and any(each.mends for each in report.findings):
        _print_wrapped(tr("gcloud reaches the sandbox as {document} says", document=_HOW), console)


def _print_wrapped(text: str, console: Console) -> None:
    from rich.text import Text

    for line in broken(text, max(_LEAST, console.width)):
        console.print(Text(line), soft_wrap=True)


def _print_finding(finding: Finding, console: Console) -> None:
    from rich.text import Text

    first, *rest = broken(finding.found, max(_LEAST, console.width - _INDENT)) or [""]
    state = set_cell_size(f"{SIGNS[finding.state]} {finding.state.word}", _STATE)
    line = Text(state, style=_STYLES[finding.state])
    line.append(set_cell_size(finding.text.title, _TITLE) + first, style="not bold default")
    # A command that was broken into lines could not be copied in one.
    console.print(line, soft_wrap=True)
    for more in (*rest, *_below(finding)):
        console.print(Text(" " * _INDENT + more), soft_wrap=True)


def _below(finding: Finding) -> Iterator[str]:
    """Yield the lines under a finding: why it matters unless it is well, and what mends it."""
    if finding.state in (State.WRONG, State.WARNING):
        yield finding.text.why
    for mend in finding.mends:
        if mend.command:
            yield f"$ {mend.command}"
        if mend.words:
            yield f"  {mend.words}" if mend.command else mend.words
