"""A deployment from the few things that somebody says of it; the rest is as safe as can be."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from console.language import tr
from console.model.cost.prices import Gpu
from console.model.deploy.defaults import MODELS_PATH, cpu_wish, gpu_wish, guide_wish
from console.model.deploy.settings import Mount, Secret
from console.model.deploy.wish import DeployWish, ImageWay, Variant, Visibility
from console.model.service import ServiceName

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_VERSION: Final = re.compile(r"latest|[1-9][0-9]{0,8}")
_MEMBER: Final = re.compile(r"(?:user|serviceAccount|group|domain):[^\s:,]{1,250}")
_IMAGE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,500}")
_SET_BY_PLATFORM: Final = ("PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What somebody says; None and empty mean that nothing was said.

    `image` is a finished image; without it one is built from `source` by `way`: by `dockerfile`,
    and in Cloud Build on a `machine` with `disk` GB, in `build_timeout` seconds. What is to be
    `as_in_guide` has the guide's own settings, with `models`, `source`, `bucket` and `way` alone
    of what is said beside it.
    """

    variant: Variant = Variant.CPU
    gpu: Gpu = Gpu.L4
    bucket: str = ""
    models: str | None = None
    image: str = ""
    way: ImageWay = ImageWay.DOCKER
    source: str = "."
    dockerfile: str = ""
    machine: str = ""
    disk: int | None = None
    build_timeout: int | None = None
    cpu: str = ""
    memory: str = ""
    concurrency: int | None = None
    timeout: int | None = None
    min_instances: int | None = None
    max_instances: int | None = None
    public: bool = False
    callers: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    secrets: tuple[Secret, ...] = ()
    as_in_guide: bool = False

    def wish(self, place: ServiceName) -> DeployWish:
        """Return the whole deployment of the service `place`."""
        if self.as_in_guide:
            return guide_wish(
                place,
                self.variant,
                models=self.models,
                context=self.source,
                bucket=self.bucket,
                way=self.way,
            )
        said: dict[str, Any] = {
            "bucket": self.bucket,
            "models": self.models,
            "way": self.way,
            "given": self.image,
            "context": self.source,
        }
        wish = (
            cpu_wish(place, **said)
            if self.variant is Variant.CPU
            else gpu_wish(place, gpu=self.gpu, **said)
        )
        return self._over(wish)

    def _over(self, wish: DeployWish) -> DeployWish:
        """Return a safe wish with what was said in the place of what is usual."""
        said: dict[str, Any] = {
            "cpu": self.cpu,
            "memory": self.memory,
            "concurrency": self.concurrency,
            "timeout": self.timeout,
            "min_instances": self.min_instances,
            "max_instances": self.max_instances,
            "variables": self.variables,
            "secrets": self.secrets,
        }
        built: dict[str, Any] = {
            "dockerfile": self.dockerfile,
            "machine": self.machine,
            "disk": self.disk,
            "timeout": self.build_timeout,
        }
        settings = replace(wish.settings, **_said(said))
        if self.bucket:
            settings = replace(settings, mounts=(Mount(bucket=self.bucket, path=MODELS_PATH),))
        return replace(
            wish,
            settings=settings,
            image=replace(wish.image, **_said(built)),
            visibility=Visibility.PUBLIC if self.public else Visibility.PRIVATE,
            callers=self.callers,
        )


def _said(choices: dict[str, Any]) -> dict[str, Any]:
    """Return those of the choices that somebody made."""
    return {name: value for name, value in choices.items() if value not in (None, "")}


def variable(text: str) -> tuple[str, str]:
    """Read `NAME=VALUE`; raises `ValueError` with what is wrong, never with the value."""
    name, equals, value = text.partition("=")
    if not equals or not _VARIABLE.fullmatch(name):
        raise ValueError(
            tr("a variable is written as NAME=VALUE, the name of letters, digits and _")
        )
    if name in _SET_BY_PLATFORM:
        raise ValueError(tr("{name} is set by Cloud Run itself; leave it out", name=name))
    return name, value


def secret(text: str) -> Secret:
    """Read `NAME=SECRET` or `NAME=SECRET:VERSION`; raises `ValueError` with what is wrong."""
    name, _, source = text.partition("=")
    held, _, version = source.partition(":")
    if not (
        _VARIABLE.fullmatch(name)
        and _SECRET.fullmatch(held)
        and _VERSION.fullmatch(version or "latest")
    ):
        raise ValueError(
            tr(
                "a secret is written as NAME=SECRET or NAME=SECRET:VERSION, where Secret "
                "Manager has SECRET"
            )
        )
    return Secret(variable=name, secret=held, version=version or "latest")


def image(text: str) -> str:
    """Read the name of a finished image; raises `ValueError`."""
    if not _IMAGE.fullmatch(text):
        raise ValueError(
            tr(
                "{name!a} names no image: write HOST/NAME:TAG or HOST/NAME@sha256:DIGEST",
                name=text[:60],
            )
        )
    return text


def caller(text: str) -> str:
    """Read a member who may call, such as `user:NAME@DOMAIN`; raises `ValueError`."""
    if text in ("allUsers", "allAuthenticatedUsers"):
        raise ValueError(tr("everybody may call is what --public says"))
    if not _MEMBER.fullmatch(text):
        raise ValueError(
            tr(
                "{name!r} names nobody: write user:NAME@DOMAIN, or group:, serviceAccount:",
                name=text[:60],
            )
        )
    return text
