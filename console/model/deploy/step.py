"""A plan: steps in order, each with what it changes, costs, and how it is undone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from console.model.cost.money import Amount
from console.model.deploy.observed import NOTHING, Observed
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.wish import DeployWish
from console.model.service import ServiceName, TrafficShare
from console.model.text import SafeText


class Subject(StrEnum):
    """What a step is about, in the order in which a deployment goes."""

    APIS = "apis"
    QUOTA = "quota"
    BUCKET = "bucket"
    MODELS = "models"
    REPOSITORY = "repository"
    IMAGE = "image"
    ACCOUNT = "account"
    READING = "reading"
    SERVICE = "service"
    ACCESS = "access"
    TRAFFIC = "traffic"
    SCALE = "scale"
    HEALTH = "health"


class Effect(StrEnum):
    """What a step does: nothing if all is as it should be."""

    NOTHING = "nothing"
    CHECK = "check"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One setting: what it is (`–` where there is none), what it is to be, and why, if said.

    `open` says that what it is to be is not known before the plan is carried out.
    """

    setting: str
    observed: str
    wanted: str
    why: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. `title` says it in words, such as `make gs://p-z-image-models in us-central1`.

    `target` names what it is about so that whoever carries it out finds it: a service as
    `PROJECT/REGION/SERVICE`, a bucket by its name (for its objects and readers too), a repository
    as `PROJECT/LOCATION/NAME`, an image by its whole name, an account by its address.
    `commands` do the same by hand, each as a shell takes it, and `undo` takes it back; empty
    where nothing can or need be. `cost` is in words, empty where it costs nothing, and `brief` the
    first amount of it, such as `$0.16 a month`. `assumed` says what was taken for granted because
    nobody could look. `loses` names what cannot be had back.
    """

    subject: Subject
    effect: Effect
    title: str
    target: str = ""
    changes: tuple[Change, ...] = ()
    cost: str = ""
    brief: str = ""
    commands: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    assumed: SafeText = NOTHING
    loses: tuple[str, ...] = ()

    @property
    def acts(self) -> bool:
        """Whether it changes anything."""
        return self.effect in (Effect.CREATE, Effect.CHANGE, Effect.DELETE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is done: one line with what and why, and the mend, a command or words."""

    about: Subject
    words: str
    mend: str


class Confirmation(StrEnum):
    """What an operator has to type before a plan is carried out."""

    KEY = "a key"
    NAME = "the name of the service"
    PUBLIC = "the word public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps from what there is to what is wanted.

    With `refusals` nothing is carried out, nor with what is `blocked`: that speaks not against the
    plan, but keeps it from being carried out from here and now, such as a lacking login.
    `worst_day` is what a day costs at most if all instances
    run all the time, and `idle_day` what it costs when nobody asks for anything. `stays` are things
    that a destruction leaves, each with the command that removes it. `service` is the whole service
    as it is asked for, None where the plan asks for none.
    `at` is the service that all of it is about, where there is no wish to say so. `traffic` is
    where requests are to go if there is a step for traffic, and `instances` how many there are to
    be if there is one for scale, None: as many as are needed.
    """

    title: str
    wish: DeployWish | None
    steps: tuple[Step, ...]
    refusals: tuple[Refusal, ...] = ()
    blocked: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    service: ServiceSettings | None = None
    observed: Observed = field(default_factory=Observed)
    worst_day: Amount | None = None
    idle_day: Amount | None = None
    prices_of: date | None = None
    confirmation: Confirmation = Confirmation.KEY
    at: ServiceName | None = None
    traffic: tuple[TrafficShare, ...] = ()
    instances: int | None = None

    @property
    def place(self) -> ServiceName | None:
        """The service that all of it is about."""
        return self.at or (self.wish.place if self.wish else None)

    @property
    def acting(self) -> tuple[Step, ...]:
        """The steps that change anything."""
        return tuple(each for each in self.steps if each.acts)

    @property
    def hindrances(self) -> tuple[Refusal, ...]:
        """All that keeps it from being carried out."""
        return (*self.refusals, *self.blocked)
