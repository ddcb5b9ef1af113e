"""What was found as plain text, to be given to somebody who can help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Final

from console.language import tr
from console.model.doctor.checks import text_of
from console.model.doctor.finding import SIGNS, Finding, State
from console.model.doctor.progress import Progress

_INDENT: Final = "  "
_TROUBLE: Final = frozenset({State.WRONG, State.WARNING})


def report_lines(progress: Progress) -> Iterator[str]:
    """Yield all that is known so far, what is wrong first; commands have lines of their own.

    What was found is not yet safe to show: every line has to be sanitised.
    """
    where, found = progress.context, progress.summary
    if progress.ended is None:
        yield tr("{context}: {summary}", context=where, summary=found)
    else:
        at = progress.ended.astimezone(UTC)
        yield tr(
            "{context}: {summary}, examined at {moment:%F %R} UTC",
            context=where,
            summary=found,
            moment=at,
        )
    if progress.problem:
        yield progress.problem
    yield ""
    for each in progress.worst_first:
        yield from _finding(each)
    if progress.pending:
        titles = tr(", ").join(text_of(each).title for each in progress.pending)
        yield tr("still under way: {titles}", titles=titles)
    if progress.left_out:
        titles = tr(", ").join(each.text.title for each in progress.left_out)
        yield tr("not asked here: {titles}", titles=titles)


def _finding(finding: Finding) -> Iterator[str]:
    state = f"{SIGNS[finding.state]} {finding.state.word}"
    found = tr("{what}: {why}", what=finding.text.title, why=finding.found)
    yield f"{state}  {found}"
    if finding.state in _TROUBLE:
        yield _INDENT + tr("because {why}", why=finding.text.why)
    for mend in finding.mends:
        if mend.command:
            yield f"{_INDENT}$ {mend.command}"
        if mend.words:
            yield f"{_INDENT}{_INDENT if mend.command else ''}{mend.words}"
