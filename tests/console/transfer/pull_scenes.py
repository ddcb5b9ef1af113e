"""What the tests of pulling share: small files, a clock that does not tick, one fetch."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from stand_in_hub import StandInHub

from console.model.models.parts import ModelPart
from console.model.models.published import PublishedFile
from console.model.models.pulling import FileProgress, StatedFile
from console.session.transfer.fetching import Fetch
from console.session.transfer.waiting import Surroundings, WaitLimits
from console.sources.hub import Hub

REPOSITORY = "painter/shapes"
FILE = PublishedFile(
    part=ModelPart.TRANSFORMER,
    quantisation="Q4_K_M",
    repository=REPOSITORY,
    path="split/shapes-Q4_K_M.gguf",
    size=1_000_000,
)
NAME = "shapes-Q4_K_M.gguf"


def content(size: int = 1_000_000, seed: int = 1) -> bytes:
    """Return bytes that no fault leaves as they are."""
    return random.Random(seed).randbytes(size)


@dataclass
class PatientTime:
    """A clock that goes on only while somebody waits, and waits no time at all."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> bool:
        """Let the time pass."""
        if seconds:
            self.waits.append(seconds)
            self.now += seconds
        return self.stop.is_set()

    def surroundings(self, limits: WaitLimits | None = None) -> Surroundings:
        """Return the surroundings that this is the time of."""
        return Surroundings(lambda: self.now, self.wait, limits or WaitLimits())


@dataclass
class Heard:
    """What a fetch told."""

    all: list[FileProgress] = field(default_factory=list)
    also: Callable[[FileProgress], None] = lambda progress: None

    def __call__(self, progress: FileProgress) -> None:
        self.all.append(progress)
        self.also(progress)

    @property
    def last(self) -> FileProgress:
        """The latest."""
        return self.all[-1]

    @property
    def notes(self) -> list[str]:
        """What was waited for."""
        return [str(each.note) for each in self.all if each.note]


def published(hub: StandInHub, size: int = 1_000_000) -> bytes:
    """Have the stand-in hold the file, and return what is in it."""
    made = content(size)
    hub.publish(REPOSITORY, FILE.path, made)
    return made


def source(hub: StandInHub, token: str | bool | None = False) -> Hub:
    """Return the way to the stand-in, which gives up a silent line soon."""
    return Hub(hub.endpoint, token, "1.0", stall_seconds=0.5)


def fetch(
    hub: StandInHub,
    directory: Path,
    time: PatientTime | None = None,
    heard: Heard | None = None,
    replace_other: bool = False,
    limits: WaitLimits | None = None,
) -> Heard:
    """Fetch the file into `directory`, and return what was told of it."""
    way, heard, time = source(hub), heard or Heard(), time or PatientTime()
    stated = way.state(FILE)
    Fetch(way, stated, directory, heard, time.surroundings(limits), replace_other).run()
    return heard


def part_path(directory: Path, hub: StandInHub) -> Path:
    """Return where the file grows."""
    return directory / stated_file(hub).part_name


def stated_file(hub: StandInHub) -> StatedFile:
    """Return what the stand-in states of the file."""
    return source(hub).state(FILE)


def names(directory: Path) -> list[str]:
    """Return the names of all that is in a directory."""
    return sorted(each.name for each in directory.iterdir())
