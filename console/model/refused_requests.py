"""What the engine's rules refuse of a request for a picture, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from console.language import tr, tr_later
from engine.schema import InvalidRequest

REFUSALS: Final = (
    tr_later("the prompt is empty; describe the picture in words"),
    tr_later("the {name} is not valid Unicode; send it as UTF-8"),
    tr_later(
        "the {name} has {length:,} characters and the model reads at most {most:,}; shorten it"
    ),
    tr_later("size {shown!r} is not WIDTHxHEIGHT; write for example 512x512"),
    tr_later(
        "size {size} is not possible: each side must be a multiple of {multiple} "
        "from {least} to {most}; the nearest is {nearest}"
    ),
    tr_later("{steps} steps are not possible: choose 1 to {most} (the model is made for {usual})"),
    tr_later("seed {seed} is not between 0 and {most}"),
)
"""What may be said of a request that a person makes here."""

_NAMES: Final = {"prompt": tr_later("prompt")}


@contextmanager
def refused_as_spoken() -> Iterator[None]:
    """Let an `InvalidRequest` of the engine's rules say the same as the console does."""
    try:
        yield
    except InvalidRequest as refused:
        values = dict(refused.values)
        if (name := values.get("name")) in _NAMES:
            values["name"] = tr(_NAMES[str(name)])
        raise InvalidRequest(refused.param, tr(refused.template, **values)) from None
