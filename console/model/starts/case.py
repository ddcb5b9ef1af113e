"""A start as its diagnosis sees it: its figures, what is usual, and what was set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from console.language import tr
from console.model.starts.findings import Cause, Finding
from console.model.starts.norms import normal_seconds, slow_from
from console.model.starts.snapshot import Setting, Timing
from console.model.starts.spans import phase_spans
from console.model.starts.start import ColdStart, PhaseSpan, Reason, StartPhase
from console.model.starts.statistics import Usual, stands_out, timing


@dataclass(frozen=True, slots=True)
class Lost:
    """A finding, and how many seconds would be saved if it were mended."""

    finding: Finding
    seconds: float


@dataclass(frozen=True)
class Case:
    """What there is to go by."""

    start: ColdStart
    usual: Usual
    setting: Setting

    @cached_property
    def timing(self) -> Timing:
        """The start in figures."""
        return timing(self.start)

    @cached_property
    def spans(self) -> tuple[PhaseSpan, ...]:
        """The start cut into phases."""
        return phase_spans(self.start)

    @cached_property
    def length(self) -> float:
        """How long it took, or has taken as far as is known."""
        return sum(each.seconds for each in self.spans)

    @cached_property
    def unusual(self) -> frozenset[StartPhase]:
        """The phases that took far longer than usual."""
        return stands_out(self.timing, self.usual)

    @property
    def local(self) -> bool:
        """Whether it is an engine on this machine."""
        return self.start.reason is Reason.LOCAL

    def seconds(self, phase: StartPhase) -> float | None:
        """Return how long a phase took; None where it is not told apart."""
        return self.timing.phases.get(phase)

    def share(self, seconds: float) -> float:
        """Return which part of the whole `seconds` are."""
        return min(1.0, seconds / self.length) if self.length > 0 else 0.0

    def slow(self, phase: StartPhase) -> float | None:
        """Return the seconds of a phase that was slow, as such or for this service; else None."""
        seconds = self.seconds(phase)
        if seconds is None:
            return None
        limit = slow_from(phase, gpu=self.setting.gpu)
        too_long = limit is not None and seconds > limit
        return seconds if too_long or phase in self.unusual else None

    def against_usual(self, phase: StartPhase, why: str) -> str:
        """Return `why` with what is usual for a phase behind it, if it took unusually long."""
        if phase not in self.unusual:
            return why
        usual = in_words(self.usual.phases[phase].median)
        return tr("{why} ({seconds} is usual)", why=why, seconds=usual)

    def lost(self, cause: Cause, phase: StartPhase, brief: str, why: str, mend: str = "") -> Lost:
        """Return a finding about a phase, and what it cost."""
        seconds = self.seconds(phase) or 0.0
        best = normal_seconds(phase, self.start.bytes_read, gpu=self.setting.gpu)
        found = Finding(cause, brief, why, mend, phase, seconds, self.share(seconds))
        return Lost(found, max(0.0, seconds - best))


def in_words(seconds: float) -> str:
    """Return a duration as `4.2 s`, from a hundred seconds on as `185 s`."""
    return f"{seconds:.1f} s" if seconds < 99.95 else f"{seconds:,.0f} s"


def rate_in_words(rate: float) -> str:
    """Return bytes a second as `110 MB/s` or `1.1 GB/s`."""
    if rate >= 999.5e6:
        return f"{rate / 1e9:.1f} GB/s"
    return f"{rate / 1e6:.0f} MB/s" if rate >= 9.95e6 else f"{rate / 1e6:.1f} MB/s"
