"""What the console and the engine say to one another: requests, results, events.

Standard library only: this is the one module that both packages import. Every event is a
frozen dataclass; `to_json` and `event_from_json` are exact inverses of one another, so the
same vocabulary serves Python callers, server-sent events, JSON log lines and the console.

Life of a request:  Queued → Encoded → Step × n → Decoded → Done
Life of a process:  the phases of `Phase`, in their order
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Final

SCHEMA_VERSION: Final = 1

DEFAULT_STEPS: Final = 8
MAX_STEPS: Final = 50
MAX_PROMPT_CHARACTERS: Final = 4_000
SIZE_MULTIPLE: Final = 16
MIN_SIDE: Final = 64
MAX_SIDE: Final = 2_048
MAX_SEED: Final = 2**63 - 1
MAX_COUNT: Final = 10
MAX_GUIDANCE: Final = 20.0
MAX_PREVIEWS: Final = 50


class InvalidRequest(ValueError):
    """A request that cannot be carried out as it stands.

    `param` is the name of the offending field, as the HTTP interface spells it. `template` is the
    message before its `values` are put in, as `str.format` does, for whoever says it in another
    language.
    """

    def __init__(self, param: str, template: str, **values: object) -> None:
        super().__init__(template.format(**values) if values else template)
        self.param = param
        self.template = template
        self.values = values


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height of a picture in pixels."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Size:
        """Read `WIDTHxHEIGHT`, for example `512x512`; raises `InvalidRequest`."""
        match = re.fullmatch(r"\s*([0-9]{1,6})\s*[xX×]\s*([0-9]{1,6})\s*", text)
        if match is None:
            shown = text if len(text) <= 40 else text[:37] + "..."
            raise InvalidRequest(
                "size",
                "size {shown!r} is not WIDTHxHEIGHT; write for example 512x512",
                shown=shown,
            )
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    def check(self) -> None:
        """Raise `InvalidRequest` unless both sides are usable; the message names a size that is."""
        for side in (self.width, self.height):
            if not MIN_SIDE <= side <= MAX_SIDE or side % SIZE_MULTIPLE:
                raise InvalidRequest(
                    "size",
                    "size {size} is not possible: each side must be a multiple of {multiple} "
                    "from {least} to {most}; the nearest is {nearest}",
                    size=self,
                    multiple=SIZE_MULTIPLE,
                    least=MIN_SIDE,
                    most=MAX_SIDE,
                    nearest=self.nearest(),
                )

    def nearest(self) -> Size:
        """Return the closest size that `check` accepts."""

        def side(value: int) -> int:
            rounded = (value + SIZE_MULTIPLE // 2) // SIZE_MULTIPLE * SIZE_MULTIPLE
            return min(MAX_SIDE, max(MIN_SIDE, rounded))

        return Size(side(self.width), side(self.height))


class Noise(StrEnum):
    """Whose random numbers a seed stands for.

    `CPU` is torch's generator on a CPU, Z-Image's own choice; `PHILOX` is torch's generator on
    a CUDA device, which other programs imitate: with it their seeds mean the same noise.
    """

    CPU = "cpu"
    PHILOX = "philox"


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One picture to be made.

    `size` None means the model's own size, `seed` None means that the engine draws one and
    reports it in `Done`. `guidance` above 0 steers away from `negative_prompt`, at the price of
    a second pass through the model in every step. `previews` of the steps, evenly spaced, carry
    a preview; the last step carries none, for the picture itself follows it.
    """

    prompt: str
    size: Size | None = None
    steps: int = DEFAULT_STEPS
    seed: int | None = None
    negative_prompt: str = ""
    guidance: float = 0.0
    previews: int = 0
    noise: Noise = Noise.CPU

    def check(self) -> None:
        """Raise `InvalidRequest` naming the first field that cannot be carried out."""
        if not self.prompt.strip():
            raise InvalidRequest("prompt", "the prompt is empty; describe the picture in words")
        _check_text("prompt", self.prompt)
        _check_text("negative_prompt", self.negative_prompt)
        if not (math.isfinite(self.guidance) and 0 <= self.guidance <= MAX_GUIDANCE):
            raise InvalidRequest(
                "guidance",
                "guidance {guidance:g} is not possible: choose 0 (none, which the model is "
                "made for) to {most:g}",
                guidance=self.guidance,
                most=MAX_GUIDANCE,
            )
        if not 0 <= self.previews <= MAX_PREVIEWS:
            raise InvalidRequest(
                "previews",
                "{previews} previews are not possible: choose 0 to {most}",
                previews=self.previews,
                most=MAX_PREVIEWS,
            )
        if self.size is not None:
            self.size.check()
        if not 1 <= self.steps <= MAX_STEPS:
            raise InvalidRequest(
                "steps",
                "{steps} steps are not possible: choose 1 to {most} "
                "(the model is made for {usual})",
                steps=self.steps,
                most=MAX_STEPS,
                usual=DEFAULT_STEPS,
            )
        if self.seed is not None and not 0 <= self.seed <= MAX_SEED:
            raise InvalidRequest(
                "seed", "seed {seed} is not between 0 and {most}", seed=self.seed, most=MAX_SEED
            )


@dataclass(frozen=True, slots=True)
class Picture:
    """An 8-bit RGB picture: `rgb` holds `height` rows of `width` pixels of 3 bytes."""

    width: int
    height: int
    rgb: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Queued:
    """The request was accepted; `position` requests are to be served before it."""

    position: int = 0


@dataclass(frozen=True, slots=True)
class Encoded:
    """The prompt went through the text encoder: `tokens` read, in `seconds`.

    `truncated` says that the prompt was longer than the model's 512 tokens.
    """

    tokens: int
    seconds: float
    cached: bool = False
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Denoising step `index` of `total` (counted from 1) is done, after `seconds`.

    `preview` is an estimate of the final picture, where one was asked for.
    """

    index: int
    total: int
    seconds: float
    preview: Picture | None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """The latents became pixels, in `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Done:
    """The finished picture, the seed that makes it again, and the seconds in all."""

    picture: Picture
    seed: int
    seconds: float


GenerationEvent = Queued | Encoded | Step | Decoded | Done

_EVENT_NAMES: Final[dict[type[GenerationEvent], str]] = {
    Queued: "queued",
    Encoded: "encoded",
    Step: "step",
    Decoded: "decoded",
    Done: "done",
}


def event_name(event: GenerationEvent) -> str:
    """Return the event's name on the wire and in the log, for example `step`."""
    return _EVENT_NAMES[type(event)]


def to_json(event: GenerationEvent) -> dict[str, object]:
    """Return the event as plain JSON values; pictures are left out (they travel encoded)."""
    fields = {k: v for k, v in asdict(event).items() if k not in ("picture", "preview")}
    if isinstance(event, Done):
        fields |= {"width": event.picture.width, "height": event.picture.height}
    return {"event": event_name(event), **fields}


def event_from_json(data: Mapping[str, object]) -> Queued | Encoded | Step | Decoded:
    """Read a progress event; raises `ValueError` for anything that is not one."""
    try:
        match data["event"]:
            case "queued":
                return Queued(_int(data["position"]))
            case "encoded":
                return Encoded(
                    _int(data["tokens"]),
                    _float(data["seconds"]),
                    data.get("cached") is True,
                    data.get("truncated") is True,
                )
            case "step":
                return Step(_int(data["index"]), _int(data["total"]), _float(data["seconds"]))
            case "decoded":
                return Decoded(_float(data["seconds"]))
            case other:
                raise ValueError(f"unknown progress event {other!r}")
    except KeyError as missing:
        raise ValueError(f"progress event without {missing}") from None


class Phase(StrEnum):
    """The moments of a start, in order; `WEIGHTS_READ` happens once per file."""

    PROCESS_START = "process_start"
    PORT_OPEN = "port_open"
    IMPORTS_DONE = "imports_done"
    WEIGHTS_READ = "weights_read"
    ON_DEVICE = "on_device"
    WARM = "warm"
    READY = "ready"
    FIRST_IMAGE = "first_image"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StartupEvent:
    """A moment of the start: `at` seconds after the process was started.

    `WEIGHTS_READ` carries the file's name, its bytes and the seconds of waiting for them;
    `FIRST_IMAGE` the seconds that the picture itself took; `PORT_OPEN` the number of the port;
    `FAILED` the reason as one line in `message`; `IMPORTS_DONE` how long libraries took, and
    `ON_DEVICE` how weights are kept, and the seconds of bringing them into that form between reads.
    """

    phase: Phase
    at: float
    file: str = ""
    bytes: int = 0
    seconds: float = 0.0
    message: str = ""
    port: int = 0

    def to_json(self) -> dict[str, object]:
        """Return the event as plain JSON values, without the fields that say nothing."""
        data: dict[str, object] = {"event": str(self.phase), "at": round(self.at, 4)}
        if self.file:
            data |= {"file": self.file, "bytes": self.bytes}
        if self.file or self.seconds:
            data["seconds"] = round(self.seconds, 4)
        if self.message:
            data["message"] = self.message
        if self.port:
            data["port"] = self.port
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> StartupEvent:
        """Read what `to_json` wrote; raises `ValueError` for anything else."""
        try:
            return cls(
                phase=Phase(str(data["event"])),
                at=_float(data["at"]),
                file=str(data.get("file", "")),
                bytes=_int(data.get("bytes", 0)),
                seconds=_float(data.get("seconds", 0.0)),
                message=str(data.get("message", "")),
                port=_int(data.get("port", 0)),
            )
        except KeyError as missing:
            raise ValueError(f"start-up event without {missing}") from None


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the engine can make pictures, and if not how far the start has come.

    `phase` is the last phase reached, `percent` runs from 0 to 100, `message` is one line for
    a person: what is being done now, or why the start failed.
    """

    ready: bool
    phase: Phase
    percent: int
    message: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the plain JSON values that `/readyz` answers with."""
        return {
            "ready": self.ready,
            "phase": str(self.phase),
            "percent": self.percent,
            "message": self.message,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Readiness:
        """Read what `to_json` wrote; raises `ValueError` for anything else."""
        try:
            return cls(
                ready=data["ready"] is True,
                phase=Phase(str(data["phase"])),
                percent=_int(data["percent"]),
                message=str(data.get("message", "")),
            )
        except KeyError as missing:
            raise ValueError(f"readiness without {missing}") from None


def _check_text(param: str, text: str) -> None:
    """Raise `InvalidRequest` unless the model can read a prompt."""
    name = param.replace("_", " ")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidRequest(param, "the {name} is not valid Unicode; send it as UTF-8", name=name)
    if len(text) > MAX_PROMPT_CHARACTERS:
        raise InvalidRequest(
            param,
            "the {name} has {length:,} characters and the model reads at most {most:,}; shorten it",
            name=name,
            length=len(text),
            most=MAX_PROMPT_CHARACTERS,
        )


def _int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is not a whole number")
    return value


def _float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a number")
    return float(value)
