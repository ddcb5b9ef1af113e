"""Why a start failed, in words, and what usually mends it."""

from __future__ import annotations

import re
from typing import Final

from console.language import tr, tr_many
from console.model.starts.case import Case, in_words
from console.model.starts.findings import Cause, Finding
from console.model.starts.platform_words import memory_use
from console.model.starts.start import Failure, FailureKind

_SIGNAL: Final = re.compile(r"Container terminated on signal ([0-9]{1,3})")
_EXIT: Final = re.compile(r"Container called exit\(([0-9]{1,3})\)")
_KILLED: Final = "9"

_Words = tuple[str, str, str]
"""What happened in brief, why, and what mends it."""


def why_it_failed(case: Case, failure: Failure) -> Finding:
    """Return the finding of a start that failed."""
    after = in_words(max(0.0, (failure.at - case.start.process).total_seconds()))
    match failure.kind:
        case FailureKind.OUT_OF_MEMORY:
            words = _memory(failure, after)
        case FailureKind.NOT_RUN:
            words = _not_run(failure)
        case FailureKind.ENGINE:
            words = (
                tr("failed, the engine cannot use the model after {seconds}", seconds=after),
                failure.says,
                tr("put right what it says, then let it start again"),
            )
        case FailureKind.PROBE:
            words = _probe(case, failure, after)
        case FailureKind.EXITED:
            words = _exited(failure, after)
    return Finding(Cause.FAILED, *words, phase=None, seconds=case.length, share=None)


def _memory(failure: Failure, after: str) -> _Words:
    brief = tr("failed, out of memory after {seconds}", seconds=after)
    use = memory_use(failure.says)
    if use is None:
        return (
            brief,
            tr("it used more than it may"),
            tr("raise the limit (--memory); caches of mounts and /tmp count as memory too"),
        )
    more = tr(
        "raise the limit (--memory) to more than {size} GiB; caches of mounts and /tmp count as "
        "memory too",
        size=-(-use.used // 1024),
    )
    why = tr("{used:,} MiB used of {limit:,} MiB", used=use.used, limit=use.limit)
    return brief, why, more


def _not_run(failure: Failure) -> _Words:
    return (
        tr("failed, the program could not be run"),
        failure.says,
        tr(
            "the usual causes: an image not built for linux/amd64, a volume mounted over the "
            "program, mount options that name a volume that is not mounted, or a bucket that "
            "the service account may not read"
        ),
    )


def _probe(case: Case, failure: Failure, after: str) -> _Words:
    probe = case.start.probe
    reason = failure.says.partition("The instance was not started.")[2].strip()
    if probe is None:
        brief = tr("failed, the start-up probe gave up, {seconds} in all", seconds=after)
    else:
        brief = tr_many(
            "failed, the start-up probe gave up after 1 try, {seconds} in all",
            "failed, the start-up probe gave up after {count} tries, {seconds} in all",
            probe.attempts,
            seconds=after,
        )
    return (
        brief,
        reason or failure.says,
        tr(
            "if it was about to be ready, allow more tries (--startup-probe "
            "httpGet.path=/readyz,periodSeconds=5,failureThreshold=180); else read its last lines "
            "in the log"
        ),
    )


def _exited(failure: Failure, after: str) -> _Words:
    signal, code = _SIGNAL.match(failure.says), _EXIT.match(failure.says)
    if signal is not None and signal[1] == _KILLED:
        return (
            tr("failed, the container was killed after {seconds}", seconds=after),
            tr("signal 9, which mostly means memory"),
            tr("give it more memory (--memory), if nobody stopped it"),
        )
    if code is not None and code[1] == "0":
        return (
            tr("not finished, it was ended after {seconds}", seconds=after),
            tr("the container stopped in good order, as one that is no longer needed does"),
            "",
        )
    return (
        tr("failed, the container ended after {seconds}", seconds=after),
        failure.says,
        tr("read its last lines in the log to see why"),
    )
