"""What there is, as far as it was looked at, of everything that a deployment touches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias, TypeVar

from console.language import tr_later
from console.model.access import Policy
from console.model.deploy.settings import ServiceSettings
from console.model.models.bucket_settings import BucketSettings
from console.model.models.parts import ModelPart
from console.model.models.push_plan import PushPlan
from console.model.service import Revision, ServiceFacts
from console.model.text import SafeText

T = TypeVar("T")

NOTHING: Final = SafeText("")


@dataclass(frozen=True, slots=True)
class Absent:
    """It was looked for, and there is none."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """It was not looked at, or could not be: `why` in one line.

    `blocks` says that going on without is no use, such as without a login.
    """

    why: SafeText
    blocks: bool = False


Seen: TypeAlias = T | Absent | Unseen

ABSENT: Final = Absent()
NOT_LOOKED: Final = Unseen(SafeText(tr_later("nobody looked")))
"""To be translated where it is shown, since it stands here before the language is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSeen:
    """A bucket; `ours` says whether it is the project's, None if that is not known.

    `readers` are the members that may read its objects by the bucket's own policy.
    """

    settings: BucketSettings
    ours: bool | None = None
    readers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsSeen:
    """The model's files: what a push would do, and the sizes of the parts by what is known.

    `push` is None where no directory is pushed from. `problem` says why the files are no whole
    model, empty if they are one.
    """

    push: PushPlan | None = None
    sizes: Mapping[ModelPart, int] = field(default_factory=dict)
    problem: SafeText = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSeen:
    """An image in its repository: `name` with its digest, `architecture` such as `amd64`.

    `bytes` is its compressed size. None is what was not said.
    """

    name: str
    architecture: str | None = None
    bytes: int | None = None
    uploaded: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSeen:
    """What an image is built from here: a checksum of it all, files and bytes that are sent.

    `left_out` are large files that the ignore files keep out, for information.
    """

    checksum: str
    files: int
    bytes: int
    largest: tuple[tuple[SafeText, int], ...] = ()
    left_out: tuple[tuple[SafeText, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuilderSeen:
    """The Docker engine of this machine; `room` is the free space where it keeps images, bytes."""

    version: SafeText
    room: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSeen:
    """A service that there is: its settings, what Cloud Run says of it, and who may call it.

    `unmodelled` names settings that are there and that the console knows nothing of; they are left
    as they are. `revisions` are all that there are, newest first.
    """

    settings: ServiceSettings
    facts: ServiceFacts
    policy: Seen[Policy] = NOT_LOOKED
    revisions: tuple[Revision, ...] = ()
    unmodelled: tuple[SafeText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Other services of the project, by name, that use the same things as the one looked at.

    They run as its `account`, read from its `bucket`, or run images of its `repository`.
    """

    account: frozenset[str] = frozenset()
    bucket: frozenset[str] = frozenset()
    repository: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Everything, at one moment; a fresh project that nobody may ask is all `Unseen`.

    `quotas` are by the quota's name in its own unit, None: there is nothing of it in the region.
    `lacking` are permissions that the login does not have in the project. `neighbours` matter to
    a destruction alone.
    """

    project_number: Seen[str] = NOT_LOOKED
    billing: Seen[bool] = NOT_LOOKED
    apis: Seen[frozenset[str]] = NOT_LOOKED
    lacking: Seen[frozenset[str]] = NOT_LOOKED
    quotas: Mapping[str, Seen[int | None]] = field(default_factory=dict)
    bucket: Seen[BucketSeen] = NOT_LOOKED
    models: Seen[ModelsSeen] = NOT_LOOKED
    repository: Seen[str] = NOT_LOOKED
    source: Seen[SourceSeen] = NOT_LOOKED
    builder: Seen[BuilderSeen] = NOT_LOOKED
    image: Seen[ImageSeen] = NOT_LOOKED
    account: Seen[str] = NOT_LOOKED
    service: Seen[ServiceSeen] = NOT_LOOKED
    neighbours: Seen[Neighbours] = NOT_LOOKED
