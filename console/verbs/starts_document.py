"""Cold starts as one JSON document; what is not known is null."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from console.model.starts.diagnosis import diagnose
from console.model.starts.findings import Finding
from console.model.starts.reckoned import Reckoned
from console.model.starts.snapshot import StartsSnapshot
from console.model.starts.spans import phase_spans
from console.model.starts.start import ColdStart, FileRead, PhaseSpan, StartPhase, WaitingRequest
from console.model.starts.statistics import Summary
from engine.schema import SCHEMA_VERSION


def starts_document(
    context: str,
    since: datetime,
    known: StartsSnapshot,
    starts: Sequence[ColdStart],
    reckoned: Reckoned,
) -> dict[str, object]:
    """Return `starts`, newest first, with their diagnoses, and what all since then have in common.

    Durations are in seconds and times in UTC. A phase with several names was not told apart.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "context": context,
        "since": _time(since),
        "standing": str(known.fresh.standing),
        "problem": known.problem or known.fresh.problem,
        "setting": asdict(known.setting),
        "figures": None if reckoned.summary is None else _summary(reckoned.summary),
        "trend": None
        if reckoned.trend is None
        else {**asdict(reckoned.trend), "seconds": reckoned.trend.seconds},
        "starts": [
            _start(each, diagnose(each, reckoned.usual, known.setting), reckoned, known.going_on)
            for each in starts
        ],
    }


def _summary(summary: Summary) -> dict[str, object]:
    return {
        "count": summary.count,
        "failed": summary.failed,
        "total": None if summary.total is None else asdict(summary.total),
        "phases": {str(phase): asdict(spread) for phase, spread in summary.phases.items()},
    }


def _start(
    start: ColdStart, findings: Sequence[Finding], reckoned: Reckoned, going_on: ColdStart | None
) -> dict[str, object]:
    notable, usual = reckoned.notable(start), reckoned.usual_for(start)
    return {
        "instance": start.instance,
        "revision": start.revision or None,
        "reason": str(start.reason),
        "began": _time(start.began),
        "ended": _time(start.ended),
        "going_on": start == going_on,
        "total": start.total,
        "slow": reckoned.slow(start),
        "waited": len(start.requests),
        "requests": [_request(each) for each in start.requests],
        "moments": {str(moment): _time(at) for moment, at in start.moments.items()},
        "phases": [_phase(each, start, usual, notable) for each in phase_spans(start)],
        "files": [_file(each) for each in start.files],
        "kept_as": start.kept_as or None,
        "first_image": start.first_image,
        "probe": None if start.probe is None else asdict(start.probe),
        "failure": None
        if start.failure is None
        else {**asdict(start.failure), "at": _time(start.failure.at)},
        "retries": start.retries,
        "doubts": [asdict(each) for each in start.doubts],
        "findings": [_finding(each) for each in findings],
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "cause": finding.cause,
        "says": finding.says,
        "mend": finding.mend,
        "phase": finding.phase,
        "seconds": finding.seconds,
        "share": finding.share,
    }


def _phase(
    span: PhaseSpan,
    start: ColdStart,
    usual: Mapping[StartPhase, float],
    notable: Collection[StartPhase],
) -> dict[str, object]:
    phase = span.phases[0] if len(span.phases) == 1 else None
    return {
        "name": span.name,
        "phases": [str(each) for each in span.phases],
        "told_apart": phase is not None,
        "from": (span.start - start.began).total_seconds(),
        "seconds": span.seconds,
        "usual": None if phase is None else usual.get(phase),
        "stands_out": phase in notable,
    }


def _file(file: FileRead) -> dict[str, object]:
    return {
        "name": file.name,
        "bytes": file.bytes,
        "seconds": file.seconds,
        "bytes_per_second": file.rate,
        "ended": _time(file.ended),
    }


def _request(request: WaitingRequest) -> dict[str, object]:
    return {**asdict(request), "arrived": _time(request.arrived)}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
