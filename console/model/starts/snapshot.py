"""What the store knows of cold starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.model.freshness import LOADING, Freshness
from console.model.starts.start import ColdStart, StartPhase
from console.model.text import SafeText


@dataclass(frozen=True, slots=True)
class Timing:
    """A start in figures alone, for what thousands of them have in common.

    `phases` has the seconds of those phases that are told apart.
    """

    began: datetime
    revision: SafeText
    total: float | None
    phases: Mapping[StartPhase, float]
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What of a deployment matters for its starts; None is what is not known.

    `mounted` says whether models come through a mounted bucket, `direct` whether the engine reads
    them from one itself, `gpu` whether there is one,
    `cpu_boost` whether processors are lent for the start, `http_probe` whether the start-up probe
    asks over HTTP, `probe_period` how many seconds lie between its tries.
    """

    mounted: bool | None = None
    direct: bool | None = None
    gpu: bool | None = None
    cpu_boost: bool | None = None
    http_probe: bool | None = None
    probe_period: float | None = None


_NOTHING_KNOWN: Final = Setting()


@dataclass(frozen=True, slots=True)
class StartsSnapshot:
    """The newest starts, newest first, and the figures of all there are, oldest first.

    `in_all` counts those in the history, of which `starts` are the newest; more are read when they
    are asked for. `going_on` is the start that is under way. `fresh` says how well it is known.
    """

    starts: tuple[ColdStart, ...] = ()
    timings: tuple[Timing, ...] = ()
    in_all: int = 0
    going_on: ColdStart | None = None
    setting: Setting = _NOTHING_KNOWN
    fresh: Freshness = LOADING
    problem: SafeText | None = None
