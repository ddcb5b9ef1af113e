"""The few things that are chosen for a deployment, as they stand in a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from console.language import tr, tr_later
from console.model.access import EVERY_ACCOUNT, EVERYBODY
from console.model.cost.prices import Gpu
from console.model.deploy.choices import Choices, caller
from console.model.deploy.defaults import ON_CPU, ON_GPU, Shape
from console.model.deploy.wish import ImageWay, Variant
from console.model.deploy.written_sizes import read_count, read_cpus, read_memory

_Read = TypeVar("_Read")


class On(StrEnum):
    """What pictures are made on."""

    CPU = tr_later("processors alone")
    L4 = tr_later("an L4 GPU, 24 GB")
    RTX_PRO_6000 = tr_later("an RTX PRO 6000 GPU, 96 GB")

    @property
    def gpu(self) -> Gpu | None:
        """The GPU, None for processors alone."""
        return _GPUS.get(self)

    @property
    def shape(self) -> Shape:
        """What an instance gets if nobody says otherwise."""
        gpu = self.gpu
        return ON_CPU if gpu is None else ON_GPU[gpu]


_GPUS: Final = {On.L4: Gpu.L4, On.RTX_PRO_6000: Gpu.RTX_PRO_6000}


class ImageFrom(StrEnum):
    """Where the image comes from."""

    DOCKER = tr_later("built here by Docker")
    CLOUD_BUILD = tr_later("built by Cloud Build")
    GIVEN = tr_later("one that there is")


_WAYS: Final = {ImageFrom.DOCKER: ImageWay.DOCKER, ImageFrom.CLOUD_BUILD: ImageWay.CLOUD_BUILD}


class Callers(StrEnum):
    """Who may call."""

    PRIVATE = tr_later("only who is let (private)")
    PUBLIC = tr_later("everybody (public)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFields:
    """The fields of the form; an empty one means what is usual.

    `source` is the directory that an image is built from, `image` the name of one that there is.
    `members` are those who are let, divided by blanks.
    """

    on: On
    image_from: ImageFrom
    callers: Callers
    models: str = ""
    bucket: str = ""
    source: str = ""
    image: str = ""
    cpu: str = ""
    memory: str = ""
    most: str = ""
    members: str = ""

    @classmethod
    def of(cls, choices: Choices) -> FormFields:
        """Return the form as it is before anybody writes into it."""
        gpus = {gpu: each for each, gpu in _GPUS.items()}
        on = gpus[choices.gpu] if choices.variant is Variant.GPU else On.CPU
        way = ImageFrom.DOCKER if choices.way is ImageWay.DOCKER else ImageFrom.CLOUD_BUILD
        given = bool(choices.image) or choices.way is ImageWay.GIVEN or not choices.source
        return cls(
            on=on,
            image_from=ImageFrom.GIVEN if given else way,
            callers=Callers.PUBLIC if choices.public else Callers.PRIVATE,
            models=choices.models or "",
            bucket=choices.bucket,
            source=choices.source,
            image=choices.image,
            cpu=choices.cpu,
            memory=choices.memory,
            most="" if choices.max_instances is None else str(choices.max_instances),
            members=" ".join(choices.callers),
        )

    def read(self, before: Choices) -> Choices:
        """Return what is chosen; what the form does not ask for is as `before`.

        On something else than before nothing of that holds but what is written. Raises
        `FieldRefused` for the first field that makes no sense.
        """
        given = self.image_from is ImageFrom.GIVEN
        image = self.image.strip()
        source = self.source.strip()
        if given and not image:
            raise FieldRefused("image", tr("name an image that there is, by its digest if you can"))
        if not given and not source:
            raise FieldRefused(
                "source", tr("name the directory of the project that it is built from")
            )
        if not self._as_before(before):
            before = replace(before, concurrency=None, timeout=None, min_instances=None)
        gpu = self.on.gpu
        return replace(
            before,
            variant=Variant.CPU if gpu is None else Variant.GPU,
            gpu=gpu or before.gpu,
            bucket=self.bucket.strip().removeprefix("gs://").rstrip("/"),
            models=_directory(self.models),
            image=image if given else "",
            way=before.way if given else _WAYS[self.image_from],
            source=source if given else (_directory(source) or source),
            cpu=_read("cpu", self.cpu, read_cpus, ""),
            memory=_read("memory", self.memory, read_memory, ""),
            max_instances=_read("most", self.most, read_count, None),
            public=self.callers is Callers.PUBLIC,
            callers=self._members(),
            as_in_guide=False,
        )

    def _as_before(self, before: Choices) -> bool:
        return self.on is FormFields.of(before).on

    def _members(self) -> tuple[str, ...]:
        several = self.members.replace(",", " ").split()
        if {EVERYBODY, EVERY_ACCOUNT} & set(several):
            raise FieldRefused("members", tr("to let everybody call, choose so in the field above"))
        try:
            return tuple(caller(each) for each in several)
        except ValueError as error:
            raise FieldRefused("members", str(error)) from None


class FieldRefused(ValueError):
    """A field of the form makes no sense; `field` names it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def _directory(text: str) -> str | None:
    text = text.strip()
    return str(Path(text).expanduser().absolute()) if text else None


def _read(field: str, text: str, reader: Callable[[str], _Read], otherwise: _Read) -> _Read:
    text = text.strip()
    if not text:
        return otherwise
    try:
        return reader(text)
    except ValueError as error:
        raise FieldRefused(field, str(error)) from None
