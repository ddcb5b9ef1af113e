"""Why a start was slow, in words with figures, and the setting that mends it.

One start alone is judged by what is normal for each phase, so that a first one has a diagnosis
too; with a history, what is unusual for this service counts as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

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
    StartPhase,
)
from console.model.starts.statistics import Usual

_NO_HISTORY = Usual()


def diagnose(start: ColdStart, usual: Usual | None, setting: Setting) -> tuple[Finding, ...]:
    """Return what a start lost time to, what cost most first; at least one finding.

    Each `says` begins with what happened in brief, up to a colon, and goes on with why.
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
    return findings[0].says.partition(": ")[0] if findings else ""


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
        why = "the path that it asks answers before the model is loaded"
        mend = "let it ask /readyz, which answers 200 once pictures can be made"
    else:
        why = "it finds the port open and nothing more, so that requests come too soon"
        mend = (
            "use an HTTP start-up probe on /readyz: --startup-probe "
            "httpGet.path=/readyz,periodSeconds=2,failureThreshold=240"
        )
    answered = doubts.get(DoubtKind.ANSWERED_BEFORE_READY, 0.0)
    says = f"probe passed {in_words(early)} before ready: {why}"
    return [Lost(Finding(Cause.PROBE_EARLY, says, mend, seconds=early), answered)]


def _untold(case: Case) -> list[Lost]:
    """Say what of a start is not told apart, if it is most of it."""
    start, spans = case.start, [each for each in case.spans if len(each.phases) > 1]
    seconds = sum(each.seconds for each in spans)
    if seconds < UNTOLD_SECONDS or case.share(seconds) < UNTOLD_SHARE:
        return []
    longest = max(spans, key=lambda each: each.seconds)
    if TOLD_BY_THE_ENGINE.isdisjoint(start.moments):
        why = "the engine logs nothing of its start"
        mend = "an image of this project logs each moment of its start"
    else:
        why, mend = "lines of the log are missing", "see whether an exclusion drops them"
    says = f"{in_words(seconds)} are not told apart, {longest.name}: {why}{_compared(case)}"
    found = Finding(Cause.UNTOLD, says, mend, None, seconds, case.share(seconds))
    phases = [phase for each in spans for phase in each.phases]
    best = sum(normal_seconds(each, start.bytes_read, gpu=case.setting.gpu) for each in phases)
    return [Lost(found, max(0.0, seconds - best))]


def _nothing(case: Case) -> Finding:
    """Say that nothing stands out, and of how much."""
    start = case.start
    if start.ended is None:
        return Finding(Cause.USUAL, f"under way: {_names(doing(start))} is not over yet")
    longest = max(case.spans, key=_length, default=None)
    if longest is None or case.length <= 0:
        return Finding(Cause.UNTOLD, "nothing is told of it: only that it came to its end")
    most = f"{in_words(longest.seconds)} of them {longest.name}"
    says = f"nothing stands out: {in_words(case.length)} in all, {most}{_compared(case)}"
    phase = longest.phases[0] if len(longest.phases) == 1 else None
    seconds, share = longest.seconds, case.share(longest.seconds)
    return Finding(Cause.USUAL, says, "", phase, seconds, share)


def _compared(case: Case) -> str:
    known, total = case.usual.total, case.start.total
    if known is None or total is None or known.limit is None:
        return ""
    return f"; {in_words(known.median)} in all is usual"


def _length(span: PhaseSpan) -> float:
    return span.seconds


def _names(phases: Sequence[StartPhase]) -> str:
    return str(phases[0]) if len(phases) == 1 else f"{phases[0]} to {phases[-1]}"
