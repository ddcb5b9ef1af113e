"""Transformers whose weights were rounded beforehand, so that a start does no arithmetic on them.

Such a file is a GGUF with the tensors in the order of use. A weight of `rows` and `columns` that
is rounded has the type I8, and beside it `NAME.scale` [rows] and `NAME.balance` [columns]; what
they mean is said in `engine.model.linear.rounding`. All else is as in the file it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.errors import UnsupportedModel
from engine.weights.tensors import Header, MetadataValue

VERSION: Final = 1
VERSION_KEY: Final = "zimage.prepared.version"
LIMIT_KEY: Final = "zimage.prepared.limit"
SCALE: Final = ".scale"
BALANCE: Final = ".balance"
_LIMITS: Final = range(1, 128)


def prepared_limit(header: Header) -> int | None:
    """Return the largest integer of a file's rounded weights, None if it was not prepared.

    Raises `UnsupportedModel` for one that was prepared in another way than is known here.
    """
    if VERSION_KEY not in header.metadata:
        return None
    version, limit = header.integer(VERSION_KEY), header.integer(LIMIT_KEY)
    if version != VERSION or limit not in _LIMITS:
        raise UnsupportedModel(
            f"{header.path.name} was prepared by another version of the engine; prepare the "
            "original file again with python -m engine convert"
        )
    return limit


def prepared_metadata(
    metadata: Mapping[str, MetadataValue], limit: int
) -> dict[str, MetadataValue]:
    """Return what a prepared file says of itself, beside what the original did."""
    return {**metadata, VERSION_KEY: VERSION, LIMIT_KEY: limit}
