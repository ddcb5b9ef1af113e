"""Everything the engine refuses to do, as one tree.

    EngineError
    ├── ModelError            the files cannot be used
    │   ├── ModelNotFound     no directory, no file, or a part is missing
    │   ├── MalformedFile     truncated or inconsistent
    │   ├── UnsupportedModel  well-formed, but not a Z-Image part that can be run
    │   └── AmbiguousModel    two candidates for one part
    ├── GenerationFailed      the mathematics went wrong (not-a-number, constant picture)
    │   └── OutOfMemory       the picture needs more memory than there is
    ├── Cancelled             stopped on request between two steps
    ├── DeadlineExceeded      not finished within the time that a request is given
    ├── QueueFull             too many requests wait already
    └── NotReady              the model is not loaded (yet, or at all)

Requests that make no sense raise `engine.schema.InvalidRequest`.

Every message is one line that says what is wrong, why, and how to mend it.
"""

from __future__ import annotations

from engine.schema import InvalidRequest


class EngineError(Exception):
    """Base of everything the engine refuses; `str()` is one line for a person."""


class ModelError(EngineError):
    """The model files cannot be used."""


class ModelNotFound(ModelError):
    """No model directory, or a part of the model is missing from it."""


class MalformedFile(ModelError):
    """A model file is truncated or contradicts itself."""


class UnsupportedModel(ModelError):
    """A well-formed file that is not a part of Z-Image which this engine runs."""


class AmbiguousModel(ModelError):
    """Two files could serve as the same part of the model."""


class GenerationFailed(EngineError):
    """The picture could not be computed, for example because of not-a-number values."""


class OutOfMemory(GenerationFailed):
    """The picture needs more memory than there is, also when it is made as sparingly as can be."""


class Cancelled(EngineError):
    """The request was cancelled; no picture was made."""


class DeadlineExceeded(EngineError):
    """The request was not finished within the time that one is given."""


class QueueFull(EngineError):
    """Too many requests wait already; `retry_after` is a guess in seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotReady(EngineError):
    """The model is not loaded, so no picture can be made now.

    `final` says that waiting will not help: the load failed.
    """

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


def one_line(error: BaseException) -> str:
    """Return `error` as one line for a person: its own words if it is one of ours.

    A library that is missing comes with the command that installs it. Anything else is
    unexpected, so the line names its type too.
    """
    words = " ".join(str(error).split())
    if isinstance(error, ModuleNotFoundError) and not (error.name or "engine").startswith("engine"):
        return f"{error.name} is not installed; run: pip install 'zimage-console[engine]'"
    if isinstance(error, EngineError | InvalidRequest):
        return words
    return f"unexpected {type(error).__name__}: {words or 'no explanation'}"
