"""The lines of a recording: what the first one says, and the words of those that follow.

A recording is UTF-8 text, one JSON object a line, compressed where the file's name ends in `.gz`.
The first line is a `Header`. Every other one has `at`, in seconds since the recording began, and

    call, with, answer | error       a question, what was asked with it, and what came of it
    begin, call, with                a stream was opened, and has this number
    of, item                         one thing that the stream of this number brought
    of, error                        it broke
    of, end                          it came to its end: `whole`, or `left` by who listened
    over                             the recording was ended on purpose

Lines of other words are passed over, so that later versions may say more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.language import tr_later
from console.model.text import SafeText
from console.sources.base import (
    AlreadyThere,
    Denied,
    EngineFailed,
    Malformed,
    Missing,
    Offline,
    Overtaken,
    SourceError,
    Throttled,
    Unauthenticated,
)
from console.terminal.sanitise import sanitise

FORMAT: Final = "zimage-console recording"
SCHEMA_VERSION: Final = 1

LARGEST_BYTES: Final = 512 * 1024 * 1024
"""How much text a recording may hold; more is neither written nor read."""

LONGEST_LINE: Final = 32 * 1024 * 1024
_LONGEST_WAIT: Final = 86_400.0
NOT_RECORDED: Final = tr_later("not in the recording: {call}")

_KINDS: Final = {
    each.__name__: each
    for each in (
        Unauthenticated,
        Denied,
        Missing,
        Throttled,
        AlreadyThere,
        Overtaken,
        Offline,
        Malformed,
        EngineFailed,
    )
}
_BASES: Final = frozenset((*_KINDS, SourceError.__name__))
_WHEN: Final = ("received_from", "received_until")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(T[0-9:.+Z-]+)?")


class RecordingError(Exception):
    """A recording that cannot be made or read; `str()` is one line: what, why, and the mend."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: which console recorded which context, and when that began.

    `models` is the directory of an engine on this machine, None for the model that comes with it.
    """

    format: str
    schema_version: int
    console: str
    context: str
    recorded_at: datetime
    models: str | None = None


def error_line(error: SourceError) -> dict[str, object]:
    """Return how an error is written."""
    kind = next(each.__name__ for each in type(error).__mro__ if each.__name__ in _BASES)
    line: dict[str, object] = {"kind": kind, "message": error.message}
    if isinstance(error, Denied):
        line |= {"permission": error.permission, "role": error.role}
    if isinstance(error, Throttled):
        line["retry_after"] = error.retry_after
    return line


def error_of(said: object) -> SourceError:
    """Read an error; raises `ValueError` for what is none."""
    if not isinstance(said, Mapping):
        raise ValueError("an error is a JSON object")
    message = _text(said, "message")
    match said.get("kind"):
        case "Denied":
            return Denied(message, _text(said, "permission"), _text(said, "role"))
        case "Throttled":
            after = said.get("retry_after")
            known = isinstance(after, int | float) and 0 <= after <= _LONGEST_WAIT
            return Throttled(message, after if known else None)
        case str(kind):
            return _KINDS.get(kind, SourceError)(message)
        case _:
            raise ValueError("an error says of which kind it is")


def _text(said: Mapping[str, object], name: str) -> SafeText:
    text = said.get(name, "")
    return sanitise(text if isinstance(text, str) else "")


def shape(arguments: object) -> object:
    """Return what two questions have in common that are the same but for the time of day.

    Whether one has an end in time at all is a matter of time too: a replay may notice that a
    stream of lines is open sooner or later than it was noticed then.
    """
    if isinstance(arguments, Mapping):
        return {key: shape(value) for key, value in arguments.items() if key not in _WHEN}
    if isinstance(arguments, list):
        return [shape(each) for each in arguments]
    if isinstance(arguments, str) and _MOMENT.fullmatch(arguments):
        return "moment"
    return arguments
