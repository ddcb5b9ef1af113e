"""What made a start slow, in words, with the setting that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.language import tr
from console.model.starts.start import StartPhase


class Cause(StrEnum):
    """What a start lost its time to."""

    QUEUE = "queue"
    """No instance was asked for although a request waited: the limit of instances was reached."""
    SCHEDULING = "scheduling"
    """The platform took long to bring a container up."""
    PORT = "port"
    """The process took long before it opened its port: its files are read for the first time."""
    IMPORT = "import"
    """Libraries were imported slowly: the image is not precompiled, or its files stream in."""
    READING_SLOW = "reading slow"
    """Files were read at a low rate, as one stream through a mount is."""
    READING_MUCH = "reading much"
    """The rate is what it can be; there is much to read."""
    DEVICE = "device"
    """Weights were converted for long."""
    WARM_UP = "warm-up"
    PROBE_EARLY = "probe early"
    """The probe passed before the engine was ready, so that requests were let in too soon."""
    PROBE_LATE = "probe late"
    """The engine was ready long before the platform asked again."""
    FIRST_ANSWER = "first answer"
    """The first picture took long after the engine was ready."""
    FAILED_BEFORE = "failed before"
    """Starts failed before this one, and the same person waited for all of them."""
    FAILED = "failed"
    """The start did not come to its end."""
    UNTOLD = "untold"
    """The engine said nothing of itself, so that most of the start is not told apart."""
    USUAL = "usual"
    """Nothing stands out."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a start lost time to.

    `brief` is what happened, for one row, and `why` goes on from there, empty where there is no
    more to say. `mend` is the setting that helps and what to write, empty where nothing does.
    `phase` is where, `seconds` how much, `share` which part of the whole from 0 to 1; None where
    that does not apply.
    """

    cause: Cause
    brief: str
    why: str = ""
    mend: str = ""
    phase: StartPhase | None = None
    seconds: float | None = None
    share: float | None = None

    @property
    def says(self) -> str:
        """One sentence with the figures; it begins with what is brief."""
        return tr("{brief}: {why}", brief=self.brief, why=self.why) if self.why else self.brief
