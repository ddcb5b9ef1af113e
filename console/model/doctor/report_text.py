"""What was found as plain text, to be given to somebody who can help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Final

from console.model.doctor.checks import text_of
from console.model.doctor.finding import SIGNS, Finding, State
from console.model.doctor.progress import Progress

_INDENT: Final = "  "
_TROUBLE: Final = frozenset({State.WRONG, State.WARNING})


def report_lines(progress: Progress) -> Iterator[str]:
    """Yield all that is known so far, what is wrong first; commands have lines of their own.

    What was found is not yet safe to show: every line has to be sanitised.
    """
    when = "" if progress.ended is None else f", examined at {progress.ended.astimezone(UTC):%F %R}"
    yield f"{progress.context}: {progress.summary}{when and when + ' UTC'}"
    if progress.problem:
        yield progress.problem
    yield ""
    for each in progress.worst_first:
        yield from _finding(each)
    if progress.pending:
        yield f"still under way: {', '.join(text_of(each).title for each in progress.pending)}"
    if progress.left_out:
        yield f"not asked here: {', '.join(each.text.title for each in progress.left_out)}"


def _finding(finding: Finding) -> Iterator[str]:
    state = f"{SIGNS[finding.state]} {finding.state}"
    yield f"{state}  {finding.text.title}: {finding.found}"
    if finding.state in _TROUBLE:
        yield f"{_INDENT}because {finding.text.why}"
    for mend in finding.mends:
        if mend.command:
            yield f"{_INDENT}$ {mend.command}"
        if mend.words:
            yield f"{_INDENT}{_INDENT if mend.command else ''}{mend.words}"
