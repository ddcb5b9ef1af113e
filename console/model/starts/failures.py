"""Whether a start failed, and which of the words about it says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from console.model.starts.clocks import real_answer
from console.model.starts.platform_words import WordKind
from console.model.starts.processes import Process
from console.model.starts.runs import PlatformRun
from console.model.starts.start import Failure, FailureKind, WaitingRequest
from console.model.text import SafeText
from engine.schema import Phase

_LONGEST_WORDS: Final = 400


def failure_of(
    process: Process, birth: datetime | None, waiting: Sequence[WaitingRequest]
) -> Failure | None:
    """Return how the start of `process` failed; None where it did not, as far as is known.

    `birth` is when its engine was started, by the platform's clock. `waiting` are the requests
    that waited.
    """
    if _succeeded(process, waiting):
        return None
    platform = process.platform
    return (
        _said(platform, FailureKind.OUT_OF_MEMORY, WordKind.OVER_MEMORY)
        or _said(platform, FailureKind.NOT_RUN, WordKind.NOT_RUN)
        or _engine_failure(process, birth)
        or _refused(platform)
        or _said(platform, FailureKind.EXITED, WordKind.ENDED)
    )


def _succeeded(process: Process, waiting: Sequence[WaitingRequest]) -> bool:
    """Whether it came to its end before the container did."""
    if any(real_answer(each) for each in waiting):
        return True
    platform, engine = process.platform, process.engine
    if engine is not None and engine.tells_a_start:
        ready = any(each.phase in (Phase.WARM, Phase.READY) for each in engine.events)
        return ready and platform.refused is None
    # Of an engine that says nothing, those who waited know best whether it could answer.
    return platform.probed is not None and not waiting


def _said(platform: PlatformRun, kind: FailureKind, word: WordKind) -> Failure | None:
    marks = platform.of(word)
    return Failure(kind, marks[0].time, _cut(marks[0].says)) if marks else None


def _refused(platform: PlatformRun) -> Failure | None:
    mark = platform.refused
    return None if mark is None else Failure(FailureKind.PROBE, mark.time, _cut(mark.says))


def _engine_failure(process: Process, birth: datetime | None) -> Failure | None:
    event = process.engine.failed if process.engine is not None else None
    if event is None or birth is None:
        return None
    at = birth + timedelta(seconds=event.at)
    return Failure(FailureKind.ENGINE, at, _cut(SafeText(event.message)))


def _cut(text: SafeText) -> SafeText:
    return text if len(text) <= _LONGEST_WORDS else SafeText(f"{text[: _LONGEST_WORDS - 1]}…")
