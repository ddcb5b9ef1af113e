"""What the doctor learns from the outside world; everything in it is safe to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias, TypeVar

from console.language import tr_later
from console.model.doctor.answers import Unanswered
from console.model.text import SafeText

Thing = TypeVar("Thing")
Answer: TypeAlias = Thing | Unanswered
"""Something that was asked for, or why there is no answer."""

NOTHING = SafeText("")


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody at `address` answered; this machine's clock was `ahead` of theirs, or behind.

    `within` is how far that may be from the truth: answers tell the time in whole seconds.
    """

    address: SafeText
    ahead: timedelta | None
    within: timedelta = timedelta(seconds=1)


class LoginKind(StrEnum):
    """Where a login is from, in words."""

    NAMED = tr_later("the file that GOOGLE_APPLICATION_CREDENTIALS names")
    DEFAULT = tr_later("application default credentials")
    GCLOUD = tr_later("gcloud's login")
    METADATA = tr_later("the metadata server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The login that the console uses; `problem` says why it is of no use, and is mostly empty.

    `type` is its kind in Google's words, such as `authorized_user`, `file` where it is, `ends` when
    the access token just got does, after which another is fetched. `payer` is the project that its
    requests count for. `offline` says that only the network was missing.
    """

    kind: LoginKind
    type: SafeText = NOTHING
    account: SafeText = NOTHING
    file: SafeText = NOTHING
    ends: datetime | None = None
    payer: SafeText = NOTHING
    problem: SafeText = NOTHING
    offline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GcloudLogin:
    """Whom the `gcloud` program is logged in as, and what it is set to."""

    account: SafeText = NOTHING
    project: SafeText = NOTHING
    ends: datetime | None = None
    problem: SafeText = NOTHING


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """A project; `state` is a word such as `ACTIVE` or `DELETE_REQUESTED`."""

    id: SafeText
    number: SafeText
    state: SafeText


@dataclass(frozen=True, slots=True)
class Billing:
    """Whether a project is paid for, and by which billing account."""

    enabled: bool
    account: SafeText = NOTHING


@dataclass(frozen=True, slots=True)
class Program:
    """A program of this machine; `version` empty means that it did not say one it has.

    `path` None means that there is none; `problem` says why it does not work.
    """

    path: SafeText | None
    version: SafeText = NOTHING
    problem: SafeText = NOTHING


@dataclass(frozen=True, slots=True)
class DockerImage:
    """An image that Docker keeps; `used` says that a container is made of it.

    `title` is what its own label calls it, and `names` are all those that it is known by, such as
    `z-image:1`; both are told of images with a title only. `size` is in bytes, None where Docker
    did not say.
    """

    id: SafeText
    size: int | None
    used: bool = False
    title: SafeText = NOTHING
    names: tuple[SafeText, ...] = ()


@dataclass(frozen=True, slots=True)
class CacheRecord:
    """A piece of Docker's build cache; `description` is what BuildKit says made it.

    `mount` says that it is what a build step keeps between builds, and no layer.
    """

    id: SafeText
    description: SafeText
    size: int | None
    in_use: bool = False
    mount: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """How much Docker keeps of a kind of things, such as `images`, in bytes."""

    kind: SafeText
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerEngine:
    """What Docker's engine keeps where; `root` is a folder of the machine that it runs on.

    `here` says that it is this machine. `kept` is a summary by kinds. `silent` says why nothing is
    known of all that, and is mostly empty.
    """

    version: SafeText
    root: SafeText
    here: bool
    images: tuple[DockerImage, ...] = ()
    cache: tuple[CacheRecord, ...] = ()
    kept: tuple[Kept, ...] = ()
    silent: SafeText = NOTHING


@dataclass(frozen=True, slots=True)
class Docker:
    """The Docker program, and its engine; `engine` says why it does not answer if it does not.

    `buildx` says whether it has what builds with BuildKit, None where that was not told.
    """

    client: Program
    engine: DockerEngine | SafeText
    buildx: bool | None = None


@dataclass(frozen=True, slots=True)
class Space:
    """Room in the file system of a folder, in bytes; `writable` says whether the user may write."""

    folder: SafeText
    free: int
    total: int
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory in bytes; `total` is this process's limit where that is less than the machine's."""

    total: int | None
    available: int | None


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that the engine looked at; `part` is empty if it is of no use to it."""

    name: SafeText
    part: SafeText
    bytes: int
    problem: SafeText = NOTHING
    warning: SafeText = NOTHING


@dataclass(frozen=True, slots=True)
class ModelSet:
    """The files of a directory; `problem` says what keeps them from being a whole model.

    `bundled` says that they are those that come with the engine.
    """

    directory: SafeText
    files: tuple[ModelFile, ...]
    problem: SafeText = NOTHING
    bundled: bool = False

    @property
    def bytes(self) -> int:
        """How much those files hold that are a part of the model."""
        return sum(each.bytes for each in self.files if each.part)


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """The file of the history; `problem` says why it cannot be used.

    `newer` says that a newer console wrote it.
    """

    path: SafeText
    exists: bool
    problem: SafeText = NOTHING
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Terminal:
    """The terminal: its TERM, whether it can be drawn on, and in words what it can.

    `width` and `height` are in characters, None where output goes elsewhere.
    """

    name: SafeText
    can_host: bool
    unicode: bool
    words: str
    width: int | None = None
    height: int | None = None
