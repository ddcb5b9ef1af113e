"""What the platform's own log lines say of an instance.

The texts are found in real logs and documented nowhere; a line that none of them fits says
nothing. Source: entries of `run.googleapis.com/varlog/system`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.model.starts.start import Probe, ProbeKind, Reason
from console.model.text import SafeText

STARTING: Final = re.compile(r"Starting new instance\.")
PROBE_PASSED: Final = re.compile(r"(?:Default )?STARTUP \w+ probe succeeded")
ENDED: Final = re.compile(
    r"Container called exit\(|Container terminated on signal|.*The instance was not started\.",
    re.DOTALL,
)

_REASON: Final = re.compile(r"Starting new instance\. Reason: ([A-Z_]+)")
_PROBE: Final = re.compile(
    r"(?P<default>Default )?STARTUP (?P<kind>TCP|HTTP|GRPC) probe (?P<how>succeeded|failed)"
    r"(?: after (?P<after>[0-9]{1,6}) attempts?| (?P<times>[0-9]{1,6}) times? consecutively)?"
    r'(?: for container "(?P<container>[^"]*)")?'
    r'(?: on port [0-9]+)?(?: path "(?P<path>[^"]*)")?'
)
_OVER_MEMORY: Final = re.compile(
    r"Memory limit of ([0-9]{1,9}) MiB exceeded with ([0-9]{1,9}) MiB used"
)
_ENDED: Final = re.compile(r"Container (?:called exit\(|terminated on signal)")
_NOT_RUN: Final = "Application exec likely failed"
_NOT_STARTED: Final = "The instance was not started."


class WordKind(StrEnum):
    """What a line of the platform says; in the order in which lines of one moment are read."""

    STARTING = "a starting"
    PROBE_PASSED = "b probe passed"
    PROBE_FAILED = "c probe failed"
    OVER_MEMORY = "d over memory"
    NOT_RUN = "e not run"
    ENDED = "f ended"


@dataclass(frozen=True, slots=True)
class PlatformWord:
    """What one line says; `final` that the container does not go on after it.

    `container` is its name where an instance may have several.
    """

    kind: WordKind
    final: bool = False
    reason: Reason = Reason.UNKNOWN
    probe: Probe | None = None
    container: str = ""


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """How much memory a container may use, and how much it used, in MiB."""

    limit: int
    used: int


def platform_word(message: str) -> PlatformWord | None:
    """Return what a line of the platform says of an instance; None when it says nothing."""
    if STARTING.match(message):
        return PlatformWord(WordKind.STARTING, reason=_reason(message))
    if _NOT_RUN in message:
        return PlatformWord(WordKind.NOT_RUN, final=True)
    if _OVER_MEMORY.match(message):
        return PlatformWord(WordKind.OVER_MEMORY, final=True)
    if _ENDED.match(message):
        return PlatformWord(WordKind.ENDED, final=True)
    found = _PROBE.match(message)
    return None if found is None else _probed(found, final=_NOT_STARTED in message)


def memory_use(message: str) -> MemoryUse | None:
    """Return the figures of the line that says that memory was exceeded."""
    found = _OVER_MEMORY.match(message)
    return None if found is None else MemoryUse(int(found[1]), int(found[2]))


def _reason(message: str) -> Reason:
    found = _REASON.match(message)
    try:
        return Reason(found[1]) if found else Reason.UNKNOWN
    except ValueError:
        return Reason.UNKNOWN


def _probed(found: re.Match[str], *, final: bool) -> PlatformWord:
    probe = Probe(
        ProbeKind(found["kind"]),
        default=found["default"] is not None,
        attempts=int(found["after"] or found["times"] or 1),
        path=SafeText(found["path"] or ""),
    )
    passed = found["how"] == "succeeded"
    return PlatformWord(
        WordKind.PROBE_PASSED if passed else WordKind.PROBE_FAILED,
        final=final and not passed,
        probe=probe,
        container=found["container"] or "",
    )
