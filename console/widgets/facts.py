"""Facts as aligned rows of a label and a value; what is not known is a dash, never a zero."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.model.service import ServiceSnapshot, ServiceState
from console.widgets.service_badge import badge, doing

ABSENT = "–"
_LABEL_WIDTH = 9
_BUNDLED = "bundled demo model"

Fact = tuple[str, Content]


def facts_rows(facts: Sequence[Fact], width: int) -> Content:
    """Return the facts one per row, cut to `width` cells."""
    rows = [
        Content.assemble((label.ljust(_LABEL_WIDTH), "$text-muted"), value).truncate(
            width, ellipsis=True
        )
        for label, value in facts
    ]
    return Content("\n").join(rows)


def service_facts(service: ServiceSnapshot) -> list[Fact]:
    """Return what is known about the service, in a fixed order."""
    ready = service.ready_after
    return [
        ("state", badge(service)),
        ("model", _known(service.model)),
        ("files", _known(service.models_directory or _BUNDLED)),
        ("url", _known(service.url)),
        ("process", _known(None if service.pid is None else str(service.pid))),
        ("ready in", _known(None if ready is None else f"{ready:.2f} s")),
    ]


def service_story(service: ServiceSnapshot, restart_key: str) -> Content:
    """Return what a person should know now: what is being done, or what is wrong and the mend."""
    if service.problem is not None:
        parts: list[tuple[str, str]] = [(service.problem, "$error")]
        if service.state is ServiceState.FAILED:
            parts.append((f"\n{restart_key} starts the engine again", "$text-muted"))
        return Content.assemble(*parts)
    if service.state is ServiceState.STARTING:
        return Content.styled(doing(service), "$warning")
    return Content("")


def _known(value: str | None) -> Content:
    return Content.styled(ABSENT, "$text-muted") if value is None else Content(value)


class ServiceFacts(Widget):
    """The facts of one service, and under them what it is doing or what went wrong."""

    service: reactive[ServiceSnapshot] = reactive(ServiceSnapshot)

    def __init__(self, restart_key: str) -> None:
        super().__init__()
        self._restart_key = restart_key

    def render(self) -> Content:
        """Paint the facts; a problem takes the place of facts that a dead process has not."""
        story = service_story(self.service, self._restart_key)
        facts = service_facts(self.service)
        if self.service.problem is not None:
            facts = facts[:1]
        rows = facts_rows(facts, self.content_size.width)
        return Content("\n").join([rows, story]) if story else rows
