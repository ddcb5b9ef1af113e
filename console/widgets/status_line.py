"""The first line of every screen: where we are, and whether it is up."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.model.service import ServiceSnapshot
from console.widgets.service_badge import badge

_BRAND = " Z-Image "
_MARGIN = 1


def status_line(service: ServiceSnapshot, width: int) -> Content:
    """Return brand and context on the left and the state on the right, in one row."""
    state = badge(service)
    room = max(0, width - len(_BRAND) - state.cell_length - 2 * _MARGIN - 2)
    where = Content.assemble(*_crumb(service)).truncate(room, ellipsis=True, pad=True)
    return Content.assemble((_BRAND, "bold $background on $primary"), "  ", where, " ", state, " ")


def _crumb(service: ServiceSnapshot) -> list[tuple[str, str]]:
    """Return the way to what is looked at: context › model, or project › region › service."""
    steps = [service.source]
    if service.facts is not None:
        name = service.facts.name
        steps = [name.project, name.region, name.service]
    elif service.model is not None:
        steps.append(service.model)
    crumb = [(steps[0], "bold")]
    for step in steps[1:]:
        crumb += [(" › ", "$text-muted"), (step, "")]
    return crumb


class StatusLine(Widget):
    """One row: brand, where we are, and the state of the service."""

    service: reactive[ServiceSnapshot] = reactive(ServiceSnapshot)

    def render(self) -> Content:
        """Paint the row for the present width."""
        return status_line(self.service, self.size.width)
