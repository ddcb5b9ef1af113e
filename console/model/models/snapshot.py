"""What is known of model files: those on this machine, those in the bucket, and what is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later
from console.model.cost.bucket_cost import BucketContents
from console.model.cost.prices import PriceList
from console.model.freshness import Freshness
from console.model.models.parts import ModelPart
from console.model.models.progress import FileOnItsWay, Progress
from console.model.models.pull_offer import PullOffer
from console.model.models.push_offer import PushOffer
from console.model.models.verification import Verified
from console.model.text import SafeText

_NOTHING: Final = SafeText("")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHere:
    """A file on this machine; `name` is what it would be called in the bucket.

    `layout` says whose names its tensors have, `types` how they are stored. `prepared_size` is
    about how many bytes `engine convert` makes of it, 0 where it makes nothing of it. `left_out`
    says why it is not sent, `warning` what is to be known of it.
    """

    name: SafeText
    part: ModelPart | None
    size: int
    modified: datetime | None = None
    format: SafeText = _NOTHING
    layout: SafeText = _NOTHING
    types: SafeText = _NOTHING
    prepared_size: int = 0
    left_out: SafeText = _NOTHING
    warning: SafeText = _NOTHING


@dataclass(frozen=True, slots=True)
class FilesHere:
    """What a directory holds; `problem` says why it is no whole model, empty if it is one.

    `unchecked` says why nobody looked into the files, so that their names have to do. `bundled`
    says that these are the files of the model that comes with the console.
    """

    directory: SafeText
    files: tuple[FileHere, ...] = ()
    problem: SafeText = _NOTHING
    unchecked: SafeText = _NOTHING
    bundled: bool = False


class Work(StrEnum):
    """What is done with the files."""

    VERIFY = tr_later("verify")
    PUSH = tr_later("push")
    PULL = tr_later("pull")

    @property
    def words(self) -> str:
        """What it is called."""
        return tr(self.value)


class Stage(StrEnum):
    """How far that is."""

    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done with the files, or was; `problem` says why it failed."""

    work: Work
    progress: Progress[FileOnItsWay]
    stage: Stage = Stage.RUNNING
    problem: SafeText | None = None
    offer: PushOffer | PullOffer | None = None
    seconds: float = 0.0

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.stage is Stage.RUNNING


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of comparing whole files, and when."""

    at: datetime
    files: tuple[Verified, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsSnapshot:
    """Files `here` and `there`, each with how well that is known.

    `there` None with a standing of absent means that no bucket is looked into; `unseen` says what
    of it could not be looked at. `compared` holds until either side changes. `prices` are what a
    month is reckoned with.
    """

    here: FilesHere | None = None
    here_fresh: Freshness = field(default_factory=Freshness)
    there: BucketContents | None = None
    there_fresh: Freshness = field(default_factory=Freshness)
    unseen: str = ""
    compared: Compared | None = None
    job: Job | None = None
    prices: PriceList | None = None
