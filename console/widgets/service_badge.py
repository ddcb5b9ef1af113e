"""The service's state as glyph, word and colour, the same wherever it is shown."""

from __future__ import annotations

from textual.content import Content

from console.language import tr, tr_later
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
    Phase.PROCESS_START: tr_later("opening the port"),
    Phase.PORT_OPEN: tr_later("importing torch"),
    Phase.IMPORTS_DONE: tr_later("reading weights"),
    Phase.WEIGHTS_READ: tr_later("reading weights"),
    Phase.ON_DEVICE: tr_later("warming up"),
    Phase.WARM: tr_later("getting ready"),
}
_ENGINE_SAYS = (
    tr_later("starting"),
    tr_later("importing libraries"),
    tr_later("reading model files"),
    tr_later("warming up"),
)
"""What the engine itself says at each phase; whatever else it says is shown as it is."""


def badge(service: ServiceSnapshot) -> Content:
    """Return glyph and word, with the percentage while the service starts, if it is known."""
    glyph, style = _LOOKS[service.state]
    word = service.state.word.upper()
    if service.state is ServiceState.STARTING and (percent := _percent(service)):
        word = f"{word} {percent} %"
    return Content.styled(f"{glyph} {word}", f"bold {style}")


def doing(service: ServiceSnapshot) -> str:
    """Return what the service is doing while it starts, for example `reading weights`.

    Its own word for it is used, unless that is only what its log said when the last phase ended.
    """
    readiness = service.readiness
    if readiness is None:
        return tr("starting the process")
    ended = service.timeline[-1].message if service.timeline else ""
    if readiness.message and readiness.message != ended:
        said = readiness.message
        return tr(said) if said in _ENGINE_SAYS else said
    return tr(_NEXT.get(readiness.phase, "starting"))


def doing_with_percent(service: ServiceSnapshot) -> str:
    """Return what the service is doing and how far it is, as `62 %: reading z_image.gguf`."""
    percent = _percent(service)
    if not percent:
        return doing(service)
    return tr("{percent} %: {doing}", percent=percent, doing=doing(service))


def _percent(service: ServiceSnapshot) -> int:
    """Return how far a start is; 0 at its beginning, and where nobody tells."""
    return 0 if service.readiness is None else service.readiness.percent
