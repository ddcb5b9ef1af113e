"""The things that the doctor looks at: what they are called and why they matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later


class Check(StrEnum):
    """One thing that the doctor looks at; its value is its name for programs."""

    NETWORK = "network"
    CLOCK = "clock"
    LOGIN = "login"
    GCLOUD_LOGIN = "gcloud-login"
    PROJECT = "project"
    BILLING = "billing"
    INTERFACES = "interfaces"
    WATCHING = "permissions-watch"
    DEPLOYING = "permissions-deploy"
    STORING = "permissions-models"
    QUOTAS = "quotas"
    BUCKET = "bucket"
    SERVICE = "service"
    GCLOUD = "gcloud"
    DOCKER = "docker"
    BUILD_SPACE = "build-space"
    ENGINE = "engine"
    MODELS = "models"
    MEMORY = "memory"
    DISK = "disk"
    HISTORY = "history"
    TERMINAL = "terminal"


ORDER: Final = tuple(Check)

_IN_THE_CLOUD: Final = tuple(ORDER[: ORDER.index(Check.GCLOUD)])
_FOR_BUILDING: Final = (Check.GCLOUD, Check.DOCKER, Check.BUILD_SPACE)
_FOR_CHANGING: Final = frozenset(
    {Check.DEPLOYING, Check.STORING, Check.QUOTAS, Check.DOCKER, Check.BUILD_SPACE}
)
_FOR_ENGINES: Final = (Check.ENGINE, Check.MODELS, Check.MEMORY)


@dataclass(frozen=True, slots=True)
class Text:
    """What a thing is called, and why it matters."""

    title: str
    why: str


_TEXTS: Final[Mapping[Check, Text]] = {
    Check.NETWORK: Text(
        tr_later("network"), tr_later("everything about the cloud is asked over it")
    ),
    Check.CLOCK: Text(
        tr_later("clock"), tr_later("Google refuses logins by a clock that is minutes off")
    ),
    Check.LOGIN: Text(tr_later("login"), tr_later("Google has to know who asks")),
    Check.GCLOUD_LOGIN: Text(
        tr_later("gcloud login"),
        tr_later("gcloud's own login makes the tokens for private services"),
    ),
    Check.PROJECT: Text(tr_later("project"), tr_later("all that is deployed is in it")),
    Check.BILLING: Text(
        tr_later("billing"), tr_later("without it Google stops services and refuses new ones")
    ),
    Check.INTERFACES: Text(
        tr_later("APIs"), tr_later("what is switched off in the project refuses every request")
    ),
    Check.WATCHING: Text(
        tr_later("may watch"), tr_later("the console shows what the login may read")
    ),
    Check.DEPLOYING: Text(
        tr_later("may deploy"), tr_later("a deployment makes images, accounts and services")
    ),
    Check.STORING: Text(
        tr_later("may store models"), tr_later("the model has to get into the bucket")
    ),
    Check.QUOTAS: Text(
        tr_later("quotas"), tr_later("a deployment that could grow beyond them is refused")
    ),
    Check.BUCKET: Text(
        tr_later("models bucket"), tr_later("the service reads its model from it at every start")
    ),
    Check.SERVICE: Text(tr_later("service"), tr_later("it makes the pictures")),
    Check.GCLOUD: Text("gcloud", tr_later("the mends told here are its commands")),
    Check.DOCKER: Text("Docker", tr_later("it builds images here; Cloud Build does so without it")),
    Check.BUILD_SPACE: Text(
        tr_later("space to build"), tr_later("a build that runs out of space fails at its end")
    ),
    Check.ENGINE: Text(tr_later("engine"), tr_later("it makes pictures on this machine")),
    Check.MODELS: Text(tr_later("models here"), tr_later("the engine needs a whole set of files")),
    Check.MEMORY: Text(
        tr_later("memory"), tr_later("an engine that gets too little of it is ended")
    ),
    Check.DISK: Text(
        tr_later("disk"), tr_later("pictures, settings and the history are kept on it")
    ),
    Check.HISTORY: Text(
        tr_later("history"), tr_later("starts and costs of before are told from it")
    ),
    Check.TERMINAL: Text(tr_later("terminal"), tr_later("the console is drawn in it")),
}


def text_of(check: Check) -> Text:
    """Return what a thing is called, and why it matters."""
    text = _TEXTS[check]
    return Text(tr(text.title), tr(text.why))


class Purpose(StrEnum):
    """What the doctor is asked for; `UNSAID` leaves it to what the login may do."""

    UNSAID = ""
    DEPLOY = "deploy"
    LOOK = "look"


def asked_in(*, cloud: bool, sandbox: bool, looking: bool = False) -> frozenset[Check]:
    """Return what matters in a context: `cloud` is Google's, else it is local or the sandbox.

    The sandbox runs engines on this machine and asks nobody who they are. Whoever is only
    `looking` builds and deploys nothing.
    """
    asked = _asked_in(cloud, sandbox)
    return asked - _FOR_CHANGING if looking else asked


def _asked_in(cloud: bool, sandbox: bool) -> frozenset[Check]:
    here = frozenset({Check.DISK, Check.HISTORY, Check.TERMINAL})
    if cloud:
        return here.union(_IN_THE_CLOUD, _FOR_BUILDING)
    if sandbox:
        in_the_cloud = frozenset(_IN_THE_CLOUD) - {Check.GCLOUD_LOGIN}
        return here | in_the_cloud.union(_FOR_BUILDING, _FOR_ENGINES)
    return here.union(_FOR_ENGINES)
