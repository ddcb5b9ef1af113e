"""How long the start of an instance can be expected to take, from the starts of before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.language import tr, tr_many
from console.model.images import Run, RunState
from console.model.service import ServiceSnapshot, ServiceState


@dataclass(frozen=True, slots=True)
class ExpectedStart:
    """The median of `starts` known starts, in seconds."""

    seconds: float
    starts: int

    def __str__(self) -> str:
        return tr_many(
            "about {seconds}, from {count} start",
            "about {seconds}, from {count} starts",
            self.starts,
            seconds=in_seconds(self.seconds),
        )


def expected_start(starts: Sequence[float]) -> ExpectedStart | None:
    """Return what starts that took so many seconds let expect; None without any."""
    # Imported here, as it brings fractions and random numbers along.
    from statistics import median

    return ExpectedStart(median(starts), len(starts)) if starts else None


def how_far(expected: ExpectedStart | None, waited: float | None) -> str:
    """Return how far a wait is, as `4 s of about 6 s`; nothing if nothing is known."""
    if expected is None:
        return "" if waited is None else in_seconds(waited)
    about = in_seconds(expected.seconds)
    if waited is None:
        return tr("about {seconds}", seconds=about)
    return tr("{waited} of about {seconds}", waited=in_seconds(waited), seconds=about)


def waits_for_start(run: Run | None, service: ServiceSnapshot) -> bool:
    """Say whether a run was sent to a service that is not awake yet."""
    if run is None or run.state is not RunState.RUNNING or run.step or run.tokens is not None:
        return False
    return service.state in (ServiceState.AT_ZERO, ServiceState.STARTING)


def in_seconds(seconds: float) -> str:
    """Return a wait as a person says it: `6 s`, or `2 min 10 s`."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
