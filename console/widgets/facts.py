"""Facts as aligned rows of a label and a value; what is not known is a dash, never a zero."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.model.service import ServiceFacts as CloudFacts
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
    if service.facts is not None:
        return [("state", badge(service)), *cloud_facts(service, service.facts)]
    ready = service.ready_after
    return [
        ("state", badge(service)),
        ("model", _known(service.model)),
        ("files", _known(service.models_directory or _BUNDLED)),
        ("url", _known(service.url)),
        ("process", _known(None if service.pid is None else str(service.pid))),
        ("ready in", _known(None if ready is None else f"{ready:.2f} s")),
    ]


def cloud_facts(service: ServiceSnapshot, facts: CloudFacts) -> list[Fact]:
    """Return what Cloud Run says of a service, and what its log tells of its instances."""
    ready = service.ready_after
    return [
        ("revision", _known(_revision(facts))),
        ("image", _known(None if facts.image is None else facts.image.rpartition("/")[2])),
        ("shape", _known(_shape(facts))),
        ("scale", _known(_scale(facts, service.instances))),
        ("access", Content(_access(facts))),
        ("url", _known(service.url)),
        ("ready in", _known(None if ready is None else f"{ready:.2f} s")),
    ]


def _revision(facts: CloudFacts) -> str | None:
    """Return the revision that serves, and the one that is to, if it is another."""
    serving, made = facts.latest_ready_revision, facts.latest_created_revision
    if made is None or made == serving:
        return serving
    return f"{serving or ABSENT} → {made}"


def _shape(facts: CloudFacts) -> str | None:
    parts = [
        None if facts.cpu is None else f"{facts.cpu} CPU",
        facts.memory,
        facts.gpu,
    ]
    return " · ".join(part for part in parts if part) or None


def _access(facts: CloudFacts) -> str:
    who = "open to all" if facts.invoker_iam_disabled else "by IAM"
    return f"{who} · ingress {facts.ingress or ABSENT}"


def _scale(facts: CloudFacts, running: int | None) -> str:
    if facts.manual_instances is not None:
        wanted = f"{facts.manual_instances} by hand"
    else:
        most = ABSENT if facts.max_instances is None else facts.max_instances
        wanted = f"{facts.min_instances or 0} to {most}"
    return f"{wanted} · {ABSENT if running is None else running} running"


def service_story(service: ServiceSnapshot, restart_key: str) -> Content:
    """Return what a person should know now: what is being done, or what is wrong and the mend.

    `restart_key` is empty for a service that the console cannot start again.
    """
    if service.problem is not None:
        parts: list[tuple[str, str]] = [(service.problem, "$error")]
        if service.state is ServiceState.UNREACHABLE and service.fetched_at is not None:
            parts.append((f"\nlast answer {service.fetched_at:%H:%M:%S} UTC", "$text-muted"))
        if service.state is ServiceState.FAILED and restart_key:
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
        """Paint the facts; a problem comes first, and facts of a dead process are left out."""
        story = service_story(self.service, self._restart_key)
        facts = service_facts(self.service)
        width = self.content_size.width
        if self.service.problem is None:
            rows = facts_rows(facts, width)
            return Content("\n").join([rows, story]) if story else rows
        parts = [facts_rows(facts[:1], width), story]
        if self.service.facts is not None:
            parts.append(facts_rows(facts[1:], width))
        return Content("\n").join(parts)
