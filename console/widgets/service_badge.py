"""The service's state as glyph, word and colour, the same wherever it is shown."""

from __future__ import annotations

from textual.content import Content

from console.model.service import ServiceSnapshot, ServiceState
from engine.schema import Phase

_LOOKS = {
    ServiceState.STOPPED: ("○", "$text-muted"),
    ServiceState.CONNECTING: ("◌", "$text-muted"),
    ServiceState.DEPLOYING: ("◑", "$warning"),
    ServiceState.AT_ZERO: ("◎", "$success"),
    ServiceState.STARTING: ("◔", "$warning"),
    ServiceState.READY: ("●", "$success"),
    ServiceState.FAILED: ("✗", "$error"),
    ServiceState.UNREACHABLE: ("▲", "$warning"),
    ServiceState.DENIED: ("⊘", "$error"),
    ServiceState.MISSING: ("∅", "$error"),
}

_NEXT = {
    Phase.PROCESS_START: "opening the port",
    Phase.PORT_OPEN: "importing torch",
    Phase.IMPORTS_DONE: "reading weights",
    Phase.WEIGHTS_READ: "reading weights",
    Phase.ON_DEVICE: "warming up",
    Phase.WARM: "getting ready",
}


def badge(service: ServiceSnapshot) -> Content:
    """Return glyph and word, with the percentage while the service starts, if it is known."""
    glyph, style = _LOOKS[service.state]
    word = str(service.state).upper()
    if service.state is ServiceState.STARTING and (percent := _percent(service)):
        word = f"{word} {percent} %"
    return Content.styled(f"{glyph} {word}", f"bold {style}")


def doing(service: ServiceSnapshot) -> str:
    """Return what the service is doing while it starts, for example `reading weights`.

    Its own word for it is used, unless that is only what its log said when the last phase ended.
    """
    readiness = service.readiness
    if readiness is None:
        return "starting the process"
    ended = service.timeline[-1].message if service.timeline else ""
    if readiness.message and readiness.message != ended:
        return readiness.message
    return _NEXT.get(readiness.phase, "starting")


def doing_with_percent(service: ServiceSnapshot) -> str:
    """Return what the service is doing and how far it is, as `62 %: reading z_image.gguf`."""
    percent = _percent(service)
    return f"{percent} %: {doing(service)}" if percent else doing(service)


def _percent(service: ServiceSnapshot) -> int:
    """Return how far a start is; 0 at its beginning, and where nobody tells."""
    return 0 if service.readiness is None else service.readiness.percent
