"""All that there is to say of one row of a plan, and of what goes on about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one

from console.language import tr, tr_later
from console.model.deploy.plan_words import SUBJECTS, TO_DO, assumed_words, clauses
from console.model.deploy.progress import Application, StepProgress, StepState
from console.model.deploy.step import Change, Effect, Plan, Step, Subject
from console.model.models.push_progress import PushedFile
from console.model.models.rate_text import rate_text
from console.model.storage import size_text
from console.terminal.sanitise import sanitise
from console.widgets.deploy.plan_rows import PlanRow, RowKind, took
from console.widgets.laid_text import Fitted
from console.widgets.models.rows import labelled, wrapped
from console.widgets.rollout_view import rollout_content

_NOTHING_THERE: Final = "–"
_LEAST_LINES: Final = 3
_TITLES: Final = {
    RowKind.REFUSED: tr_later("Refused"),
    RowKind.BLOCKED: tr_later("Not from here"),
    RowKind.STAYS: tr_later("Stays"),
    RowKind.NOTE: tr_later("Note"),
}


def detail_title(row: PlanRow | None) -> str:
    """Return what is shown in full."""
    if row is None:
        return ""
    if row.step is None:
        return tr(_TITLES[row.kind])
    state = TO_DO[row.step.effect] if row.progress is None else row.progress.state.value
    return tr(
        "Step {number}, {subject}: {state}",
        number=row.number,
        subject=tr(SUBJECTS[row.step.subject]),
        state=tr(state),
    )


def detail_rows(
    row: PlanRow,
    plan: Plan,
    application: Application | None,
    now: datetime,
    width: int,
    height: int,
) -> list[Content]:
    """Return everything about a row, what goes on first; `height` is how much can be seen."""
    if row.step is None:
        rows = wrapped(row.title, width)
        return rows + (labelled(tr("mend"), row.mend, width) if row.mend else [])
    live = list(_live(row, application, now, width, height))
    planned = list(_planned(row.step, plan, width))
    return [*live, Content(""), *planned] if live else planned


def _live(
    row: PlanRow, application: Application | None, now: datetime, width: int, height: int
) -> Iterator[Content]:
    """Yield what goes on, what came of it, or why it failed."""
    step, progress = row.step, row.progress
    if step is None or progress is None or application is None:
        return
    rows: list[Content] = []
    if row.failure is not None:
        rows += wrapped(f"✗ {row.failure.reason}", width, "$error")
        rows += labelled(tr("mend"), row.failure.mend, width) if row.failure.mend else []
        rows += [_line(each, width) for each in row.failure.lines]
    elif progress.state is not StepState.WAITING and progress.doing:
        rows += labelled(
            tr("now") if progress.ended is None else tr("last"), _doing(progress, now), width
        )
    rows += [_file(each, width) for each in progress.files]
    if step.subject is Subject.SERVICE and application.rollout is not None and not row.failure:
        rolled = rollout_content(application.rollout, now, width, height)
        rows += rolled.split("\n", allow_blank=True)
    yield from rows
    if progress.state is StepState.RUNNING and application.lines:
        room = max(height - len(rows), _LEAST_LINES)
        yield from (_line(each, width) for each in application.lines[-room:])


def _doing(progress: StepProgress, now: datetime) -> str:
    parts: list[str] = [progress.doing]
    if progress.share is not None and not progress.ended:
        parts.append(f"{int(progress.share * 100)} %")
    if spent := took(progress, now):
        parts.append(spent)
    return clauses(parts)


def _line(line: str, width: int) -> Content:
    return Content.styled(sanitise(line), "$text-muted").truncate(width, ellipsis=True)


def _file(file: PushedFile, width: int) -> Content:
    parts = [
        tr(file.stage.value),
        tr("{done} of {size}", done=size_text(file.arrived), size=size_text(file.size)),
    ]
    if file.rate is not None:
        parts.append(rate_text(file.rate))
    words = f"{sanitise(file.name)}  {clauses(parts)}"
    return Content(words).truncate(width, ellipsis=True)


def _planned(step: Step, plan: Plan, width: int) -> Iterator[Content]:
    """Yield what a step is to do."""
    yield from wrapped(sanitise(step.title), width, "bold")
    if step.effect is Effect.NOTHING:
        return
    for change in step.changes:
        yield from _change(change, width)
    for label, words in ((tr("costs"), step.cost), (tr("assumes"), assumed_words(step, plan))):
        if words:
            yield from labelled(label, sanitise(words), width)
    for label, several, style in (
        (tr("note"), step.notes, ""),
        (tr("loses"), step.loses, "$error"),
        (tr("do"), step.commands, "$accent"),
        (tr("undo"), step.undo, "$text-muted"),
    ):
        for words in several:
            yield from labelled(label, Content.styled(sanitise(words), style), width)


def _change(change: Change, width: int) -> Iterator[Content]:
    before = "" if change.observed == _NOTHING_THERE else f"{sanitise(change.observed)} → "
    said = Content.assemble(
        (tr("{setting}: ", setting=sanitise(change.setting)), "$text-muted"),
        (before, "$text-muted"),
        sanitise(change.wanted),
    )
    yield from _hanging(said, 2, width)
    if change.why:
        yield from _hanging(Content.styled(sanitise(change.why), "$text-muted"), 4, width)


def _hanging(content: Content, indent: int, width: int) -> Iterator[Content]:
    for each in wrapped(content, width - indent):
        yield Content.assemble(" " * indent, each)


class RowDetail(VerticalScroll):
    """One row in full; it begins at its top whenever another row is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "down", show=False),
        Binding("k", "scroll_up", "up", show=False),
    ]

    text = query_one("#row-detail", Fitted)

    def __init__(self) -> None:
        super().__init__()
        self._row: PlanRow | None = None
        self._plan: Plan | None = None
        self._application: Application | None = None
        self._now: datetime | None = None
        self._painted: list[Content] = []

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Fitted(id="row-detail", markup=False)

    def show(
        self,
        row: PlanRow | None,
        plan: Plan | None,
        application: Application | None,
        now: datetime,
    ) -> None:
        """Show a row of a plan, and what goes on about it."""
        other = None if row is None or self._row is None else row.key != self._row.key
        self._row, self._plan, self._application, self._now = row, plan, application, now
        self.border_title = Content(detail_title(row))
        self._paint()
        if other:
            self.scroll_home(animate=False)

    def on_resize(self, event: events.Resize) -> None:
        """Lay the text out anew."""
        self._paint()

    def _paint(self) -> None:
        region = self.scrollable_content_region
        if self._now is None or region.width <= 0:
            return
        rows: list[Content] = []
        if self._row is not None and self._plan is not None:
            rows = detail_rows(
                self._row, self._plan, self._application, self._now, region.width, region.height
            )
        if rows != self._painted:
            self._painted = rows
            self.text.update(Content("\n").join(rows))
