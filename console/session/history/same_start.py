"""The same start told twice: which of the two tells more of it."""

from __future__ import annotations

from console.model.starts.start import ColdStart


def fuller(told: ColdStart, *kept: ColdStart) -> ColdStart:
    """Return the one that tells most; of equals the one that was `told` last.

    Whoever hears of a start only from its middle on knows less of it than who heard it all.
    """
    best = told
    for each in kept:
        if _much(each) > _much(best):
            best = each
    return best


def _much(start: ColdStart) -> tuple[int, ...]:
    return (
        int(start.total is not None or start.failure is not None),
        len(start.moments),
        len(start.files),
        sum(1 for each in start.requests if each.latency is not None),
        len(start.requests),
        int(start.probe is not None),
    )
