"""The service's state as glyph, word and colour, the same wherever it is shown."""

from __future__ import annotations

from textual.content import Content

from console.model.service import ServiceSnapshot, ServiceState

_LOOKS = {
    ServiceState.STOPPED: ("○", "$text-muted"),
    ServiceState.STARTING: ("◔", "$warning"),
    ServiceState.READY: ("●", "$success"),
    ServiceState.FAILED: ("✗", "$error"),
    ServiceState.UNREACHABLE: ("▲", "$warning"),
}


def badge(service: ServiceSnapshot) -> Content:
    """Return glyph and word, with the percentage while the service starts."""
    glyph, style = _LOOKS[service.state]
    word = str(service.state).upper()
    if service.state is ServiceState.STARTING and service.readiness is not None:
        word = f"{word} {service.readiness.percent} %"
    return Content.styled(f"{glyph} {word}", f"bold {style}")


def doing(service: ServiceSnapshot) -> str:
    """Return what the service is doing while it starts, as `62 %: reading z_image.gguf`."""
    readiness = service.readiness
    if readiness is None:
        return "starting the process"
    what = readiness.message or str(readiness.phase).replace("_", " ")
    return f"{readiness.percent} %: {what}"
