"""Why a start failed, in words, and what usually mends it."""

from __future__ import annotations

import re
from typing import Final

from console.model.starts.case import Case, in_words
from console.model.starts.findings import Cause, Finding
from console.model.starts.platform_words import memory_use
from console.model.starts.start import Failure, FailureKind

_SIGNAL: Final = re.compile(r"Container terminated on signal ([0-9]{1,3})")
_EXIT: Final = re.compile(r"Container called exit\(([0-9]{1,3})\)")
_KILLED: Final = "9"
_LOG: Final = "read its last lines in the log"


def why_it_failed(case: Case, failure: Failure) -> Finding:
    """Return the finding of a start that failed."""
    after = in_words(max(0.0, (failure.at - case.start.process).total_seconds()))
    match failure.kind:
        case FailureKind.OUT_OF_MEMORY:
            says, mend = _memory(failure, after)
        case FailureKind.NOT_RUN:
            says = f"failed, the program could not be run: {failure.says}"
            mend = (
                "the usual causes: an image not built for linux/amd64, a volume mounted over the "
                "program, mount options that name a volume that is not mounted, or a bucket that "
                "the service account may not read"
            )
        case FailureKind.ENGINE:
            says = f"failed, the engine cannot use the model after {after}: {failure.says}"
            mend = "put right what it says, then let it start again"
        case FailureKind.PROBE:
            says, mend = _probe(case, failure, after)
        case FailureKind.EXITED:
            says, mend = _exited(failure, after)
    return Finding(Cause.FAILED, says, mend, None, case.length, None)


def _memory(failure: Failure, after: str) -> tuple[str, str]:
    use = memory_use(failure.says)
    figures = "" if use is None else f" {use.used:,} MiB used of {use.limit:,} MiB"
    more = "" if use is None else f" to more than {-(-use.used // 1024)} GiB"
    return (
        f"failed, out of memory after {after}:{figures or ' it used more than it may'}",
        f"raise the limit (--memory){more}; caches of mounts and /tmp count as memory too",
    )


def _probe(case: Case, failure: Failure, after: str) -> tuple[str, str]:
    probe = case.start.probe
    tries = "" if probe is None else f" after {probe.attempts} "
    tries += "" if probe is None else ("try" if probe.attempts == 1 else "tries")
    reason = failure.says.partition("The instance was not started.")[2].strip()
    return (
        f"failed, the start-up probe gave up{tries}, {after} in all: {reason or failure.says}",
        "if it was about to be ready, allow more tries (--startup-probe "
        f"httpGet.path=/readyz,periodSeconds=5,failureThreshold=180); else {_LOG}",
    )


def _exited(failure: Failure, after: str) -> tuple[str, str]:
    signal, code = _SIGNAL.match(failure.says), _EXIT.match(failure.says)
    if signal is not None and signal[1] == _KILLED:
        return (
            f"failed, the container was killed after {after}: signal 9, which mostly means memory",
            "give it more memory (--memory), if nobody stopped it",
        )
    if code is not None and code[1] == "0":
        return (
            f"not finished, it was ended after {after}: the container stopped in good order, as "
            "one that is no longer needed does",
            "",
        )
    return f"failed, the container ended after {after}: {failure.says}", f"{_LOG} to see why"
