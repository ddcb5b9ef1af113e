"""`python -m engine generate`: one picture, in this process."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from engine.cli.ending import ended_by_signal
from engine.encode import infotext, png
from engine.errors import EngineError
from engine.schema import (
    DEFAULT_STEPS,
    SCHEMA_VERSION,
    Decoded,
    Done,
    Encoded,
    GenerationEvent,
    GenerationRequest,
    InvalidRequest,
    Noise,
    Phase,
    Size,
    StartupEvent,
    Step,
)
from engine.settings import InvalidSetting, Settings
from engine.timeline import Timeline
from engine.weights.place import Place, place_of

STANDARD_OUTPUT = "-"


class OutputUnwritable(EngineError):
    """The picture cannot be written where it was asked for."""


@dataclass(frozen=True, slots=True)
class _Result:
    file: bytes
    size: Size
    seed: int
    seconds: float


def generate(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> int:
    """Make one picture and write it; returns the exit code. All that can be checked is, first."""
    settings = Settings.from_sources(flags, environ)
    request = read_request(flags)
    output = flags.get("output") or ""
    _check_output(output, as_json=bool(flags.get("json")))
    models = place_of(settings.models_directory(), environ)
    with ended_by_signal(), _Progress(sys.stderr) as progress:
        result = _make(request, settings, models, progress)
    if output == STANDARD_OUTPUT:
        sys.stdout.buffer.write(result.file)
        sys.stdout.buffer.flush()
        return 0
    write_atomically(Path(output), result.file)
    if flags.get("json"):
        print(json.dumps(_document(output, request, result), ensure_ascii=False))
    else:
        print(output)
    return 0


def read_request(flags: Mapping[str, str | None]) -> GenerationRequest:
    """Return the request that the options describe; raises `InvalidRequest`."""
    size, steps, seed = flags.get("size"), flags.get("steps"), flags.get("seed")
    request = GenerationRequest(
        flags.get("prompt") or "",
        None if size is None else Size.parse(size),
        DEFAULT_STEPS if steps is None else _whole("steps", steps),
        None if seed is None else _whole("seed", seed),
        negative_prompt=flags.get("negative_prompt") or "",
        guidance=_number("guidance", flags.get("guidance") or "0"),
        noise=_noise(flags.get("noise") or Noise.CPU),
    )
    request.check()
    if request.negative_prompt and not request.guidance:
        raise InvalidRequest(
            "negative_prompt",
            "--negative-prompt does nothing without guidance; add for example --guidance 3",
        )
    return request


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` with `content`, whole or not at all; raises `OutputUnwritable`."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise OutputUnwritable(f"cannot write {path}: {error.strerror}") from None


def _make(
    request: GenerationRequest, settings: Settings, models: Place, progress: _Progress
) -> _Result:
    from engine.loading import load_pipeline

    timeline = Timeline(listener=progress.startup)
    pipeline = load_pipeline(
        models,
        device=settings.device,
        threads=settings.threads,
        timeline=timeline,
        linear=settings.linear,
        one_prompt=True,
    )
    done: Done | None = None
    for event in pipeline.generate(request):
        progress.generation(event)
        if isinstance(event, Done):
            done = event
    if done is None:
        raise EngineError("the pipeline ended without a picture")
    size = Size(done.picture.width, done.picture.height)
    text = infotext(request, size, done.seed, pipeline.name)
    return _Result(png(done.picture, infotext=text), size, done.seed, done.seconds)


def _document(output: str, request: GenerationRequest, result: _Result) -> dict[str, object]:
    return {
        "schema_version": SCHEMA_VERSION,
        "path": output,
        "prompt": request.prompt,
        "width": result.size.width,
        "height": result.size.height,
        "steps": request.steps,
        "seed": result.seed,
        "negative_prompt": request.negative_prompt,
        "guidance": request.guidance,
        "noise": str(request.noise),
        "seconds": round(result.seconds, 4),
        "bytes": len(result.file),
    }


def _check_output(output: str, *, as_json: bool) -> None:
    if output == STANDARD_OUTPUT:
        if as_json:
            raise InvalidSetting("--json and -o - both write to standard output; choose one")
        if sys.stdout.isatty():
            raise InvalidSetting(
                "-o - would print a PNG to the terminal; name a file or use a pipe"
            )
        return
    path = Path(output)
    if path.suffix.lower() != ".png":
        raise InvalidSetting(f"-o is {output!r:.80}: pictures are PNG files; end the name in .png")
    if not path.parent.is_dir():
        raise OutputUnwritable(f"directory {path.parent} does not exist; create it first")
    if path.is_dir():
        raise OutputUnwritable(f"{path} is a directory; name a file in it")
    if not os.access(path.parent, os.W_OK):
        raise OutputUnwritable(f"directory {path.parent} cannot be written to (permissions)")


def _whole(name: str, text: str) -> int:
    try:
        # Nothing that is asked for has more digits, and the message that refuses it stays short.
        return int(text) if len(text) <= 20 else int("")
    except ValueError:
        raise InvalidRequest(name, f"--{name} is {text!r:.40}; write a whole number") from None


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidRequest(name, f"--{name} is {text!r:.40}; write a number") from None


def _noise(text: str) -> Noise:
    try:
        return Noise(text)
    except ValueError:
        raise InvalidRequest(
            "noise", f"--noise is {text!r:.40}: choose {Noise.CPU} or {Noise.PHILOX}"
        ) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class _Progress:
    """One line on a terminal, rewritten in place; nothing where nobody watches."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._show("")

    def startup(self, event: StartupEvent) -> None:
        if event.phase is Phase.WEIGHTS_READ:
            self._show(f"read {event.file}")
        elif event.phase is Phase.PROCESS_START:
            self._show("loading the model")

    def generation(self, event: GenerationEvent) -> None:
        match event:
            case Encoded():
                self._show("prompt read")
            case Step(index, total):
                self._show(f"step {index} of {total}")
            case Decoded():
                self._show("picture decoded")

    def _show(self, text: str) -> None:
        if self._stream is not None:
            # Carriage return, then "erase in line" of ECMA-48.
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()
