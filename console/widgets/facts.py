"""Facts as aligned rows of a label and a value; what is not known is a dash, never a zero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.cells import set_cell_size
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.language import tr, tr_later
from console.model.service import ServiceSnapshot, ServiceState
from console.widgets.cloud_facts import cloud_facts, cloud_story, in_columns, without_state
from console.widgets.service_badge import badge, doing

ABSENT = "–"
_LABEL_WIDTH = 9
_COLUMNS_FROM = 70
_BUNDLED = tr_later("bundled demo model")

Fact = tuple[str, Content]


def facts_rows(facts: Sequence[Fact], width: int) -> Content:
    """Return the facts one per row, cut to `width` cells."""
    rows = [
        Content.assemble((set_cell_size(label, _LABEL_WIDTH), "$text-muted"), value).truncate(
            width, ellipsis=True
        )
        for label, value in facts
    ]
    return Content("\n").join(rows)


def service_facts(service: ServiceSnapshot) -> list[Fact]:
    """Return what is known about an engine on this machine, in a fixed order."""
    ready = service.ready_after
    return [
        (tr("state"), badge(service)),
        (tr("model"), _known(service.model)),
        (tr("files"), _known(service.models_directory or tr(_BUNDLED))),
        (tr("url"), _known(service.url)),
        (tr("process"), _known(None if service.pid is None else str(service.pid))),
        (tr("ready in"), _known(None if ready is None else f"{ready:.2f} s")),
    ]


def service_story(service: ServiceSnapshot, restart_key: str) -> Content:
    """Return what a person should know now: what is being done, or what is wrong and the mend.

    `restart_key` is empty for a service that the console cannot start again.
    """
    if service.problem is not None:
        parts: list[tuple[str, str]] = [(service.problem, "$error")]
        if service.state is ServiceState.UNREACHABLE and service.fetched_at is not None:
            last = tr("last answer {at:%H:%M:%S} UTC", at=service.fetched_at)
            parts.append((f"\n{last}", "$text-muted"))
        if service.state is ServiceState.FAILED and restart_key:
            again = tr("{key} starts the engine again", key=restart_key)
            parts.append((f"\n{again}", "$text-muted"))
        return Content.assemble(*parts)
    if service.state is ServiceState.STARTING:
        return Content.styled(doing(service), "$warning")
    return Content("")


def _known(value: str | None) -> Content:
    return Content.styled(ABSENT, "$text-muted") if value is None else Content(value)


class ServiceFacts(Widget):
    """The facts of one service, and with them what it is doing or what went wrong.

    `now` is the time of day, by which ages are said; `cloud` is for a service on Google Cloud.
    """

    service: reactive[ServiceSnapshot] = reactive(ServiceSnapshot)
    now: reactive[datetime | None] = reactive(None)

    def __init__(self, restart_key: str, *, cloud: bool = False) -> None:
        super().__init__()
        self._restart_key = restart_key
        self._cloud = cloud

    def render(self) -> Content:
        """Paint the facts; a problem comes first, and facts of a dead process are left out."""
        width = self.content_size.width
        if self._cloud and self.now is not None:
            return cloud_content(self.service, self.now, width)
        story = service_story(self.service, self._restart_key)
        facts = service_facts(self.service)
        if self.service.problem is None:
            rows = facts_rows(facts, width)
            return Content("\n").join([rows, story]) if story else rows
        return Content("\n").join([facts_rows(facts[:1], width), story])


def cloud_content(service: ServiceSnapshot, now: datetime, width: int) -> Content:
    """Return story and facts of a service on Google Cloud, in two columns where there is room."""
    story = cloud_story(service, now)
    parts = [story] if story else []
    if service.facts is not None:
        columns = width >= _COLUMNS_FROM
        facts = cloud_facts(service, service.facts, now, bars=not columns)
        if columns:
            facts = without_state(facts)
            half = (width - 2) // 2
            left, right = facts_rows(facts[::2], half), facts_rows(facts[1::2], half)
            parts.append(in_columns(left, right, width))
        else:
            parts.append(facts_rows(facts, width))
    return Content("\n").join(parts)
