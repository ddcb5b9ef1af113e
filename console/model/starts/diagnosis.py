"""Why a start was slow, in words with figures, and the setting that mends it.

One start alone is judged by what is normal for each phase, so that a first one has a diagnosis
too; with a history, what is unusual for this service counts as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from console.language import tr
from console.model.starts.case import Case, Lost, in_words
from console.model.starts.failure_findings import why_it_failed
from console.model.starts.findings import Cause, Finding
from console.model.starts.norms import EARLY, UNTOLD_SECONDS, UNTOLD_SHARE, normal_seconds
from console.model.starts.phase_findings import slow_phases
from console.model.starts.snapshot import Setting
from console.model.starts.spans import doing
from console.model.starts.start import (
    TOLD_BY_THE_ENGINE,
    ColdStart,
    DoubtKind,
    PhaseSpan,
    ProbeKind,
    phases_text,
)
from console.model.starts.statistics import Usual

_NO_HISTORY = Usual()


def diagnose(start: ColdStart, usual: Usual | None, setting: Setting) -> tuple[Finding, ...]:
    """Return what a start lost time to, what cost most first; at least one finding.

    Each says what happened in brief, and goes on with why.
    """
    case = Case(start, usual or _NO_HISTORY, setting)
    found = slow_phases(case)
    if start.failure is not None:
        found.append(Lost(why_it_failed(case, start.failure), math.inf))
    found.extend(_probe_early(case))
    found.extend(_untold(case))
    found.sort(key=lambda each: -each.seconds)
    return tuple(each.finding for each in found) or (_nothing(case),)


def headline(findings: Sequence[Finding]) -> str:
    """Return the first finding in brief, for one row; empty for none."""
    return findings[0].brief if findings else ""


def _probe_early(case: Case) -> list[Lost]:
    """A probe that passes early costs no time, but lets requests in that have to fail or wait."""
    doubts = {each.kind: each.seconds for each in case.start.doubts}
    early = doubts.get(DoubtKind.PROBED_BEFORE_READY, 0.0)
    if early < EARLY:
        return []
    over_http = case.setting.http_probe
    if over_http is None and case.start.probe is not None:
        over_http = case.start.probe.kind is ProbeKind.HTTP
    if over_http:
        why = tr("the path that it asks answers before the model is loaded")
        mend = tr("let it ask /readyz, which answers 200 once pictures can be made")
    else:
        why = tr("it finds the port open and nothing more, so that requests come too soon")
        mend = tr(
            "use an HTTP start-up probe on /readyz: --startup-probe "
            "httpGet.path=/readyz,periodSeconds=2,failureThreshold=240"
        )
    answered = doubts.get(DoubtKind.ANSWERED_BEFORE_READY, 0.0)
    brief = tr("probe passed {seconds} before ready", seconds=in_words(early))
    return [Lost(Finding(Cause.PROBE_EARLY, brief, why, mend, seconds=early), answered)]


def _untold(case: Case) -> list[Lost]:
    """Say what of a start is not told apart, if it is most of it."""
    start, spans = case.start, [each for each in case.spans if len(each.phases) > 1]
    seconds = sum(each.seconds for each in spans)
    if seconds < UNTOLD_SECONDS or case.share(seconds) < UNTOLD_SHARE:
        return []
    longest = max(spans, key=lambda each: each.seconds)
    if TOLD_BY_THE_ENGINE.isdisjoint(start.moments):
        why = tr("the engine logs nothing of its start")
        mend = tr("an image of this project logs each moment of its start")
    else:
        why = tr("lines of the log are missing")
        mend = tr("see whether an exclusion drops them")
    brief = tr(
        "{seconds} are not told apart, {phases}", seconds=in_words(seconds), phases=longest.name
    )
    why, share = _compared(case, why), case.share(seconds)
    found = Finding(Cause.UNTOLD, brief, why, mend, None, seconds, share)
    phases = [phase for each in spans for phase in each.phases]
    best = sum(normal_seconds(each, start.bytes_read, gpu=case.setting.gpu) for each in phases)
    return [Lost(found, max(0.0, seconds - best))]


def _nothing(case: Case) -> Finding:
    """Say that nothing stands out, and of how much."""
    start = case.start
    if start.ended is None:
        going_on = tr("{phases} is not over yet", phases=phases_text(doing(start)))
        return Finding(Cause.USUAL, tr("under way"), going_on)
    longest = max(case.spans, key=_length, default=None)
    if longest is None or case.length <= 0:
        return Finding(
            Cause.UNTOLD, tr("nothing is told of it"), tr("only that it came to its end")
        )
    why = tr(
        "{total} in all, {seconds} of them {phases}",
        total=in_words(case.length),
        seconds=in_words(longest.seconds),
        phases=longest.name,
    )
    phase = longest.phases[0] if len(longest.phases) == 1 else None
    seconds, share = longest.seconds, case.share(longest.seconds)
    brief = tr("nothing stands out")
    return Finding(Cause.USUAL, brief, _compared(case, why), "", phase, seconds, share)


def _compared(case: Case, why: str) -> str:
    """Return `why` with how long starts usually take behind it, where that is known."""
    known, total = case.usual.total, case.start.total
    if known is None or total is None or known.limit is None:
        return why
    return tr("{why}; {seconds} in all is usual", why=why, seconds=in_words(known.median))


def _length(span: PhaseSpan) -> float:
    return span.seconds
