"""The reading that begins before anything heavy is imported: of files in a bucket.

A directory's files are read when they are used: the page cache and the mount read ahead of that.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engine.weights.bucket.pieces import Wanted
from engine.weights.bucket.place import BucketPlace
from engine.weights.discover import ModelFiles, PartFile, open_part
from engine.weights.layout import PartTensors
from engine.weights.place import Place
from engine.weights.source import by_file

# Before anything is used, this share of the files may wait in memory, up to so many bytes: the
# smallest form in which weights are kept has half of a file's bytes.
_EARLY_SHARE: Final = 0.5
_EARLY_BYTES: Final = 4 << 30
# A text encoder with more numbers is read for its only prompt when that comes.
_LARGE: Final = 1_000_000_000


def begin_reading(files: ModelFiles, *, one_prompt: bool) -> None:
    """Begin to read the parts of a model that lies in a bucket, in the order of use."""
    if not isinstance(files.transformer.path, BucketPlace):
        return
    wanted: list[Wanted] = []
    for facts in (files.text_encoder, files.transformer, files.vae):
        part = open_part(facts.path)
        if not (facts is files.text_encoder and one_prompt and part.tensors.elements > _LARGE):
            wanted += _wanted(part)
    total = sum(each.stored.bytes for each in wanted)
    files.transformer.path.shelf.begin(wanted, min(_EARLY_BYTES, int(_EARLY_SHARE * total)))


def leave_out(tensors: PartTensors) -> None:
    """Read no more of a part whose reading was begun and that is not used now."""
    for shard in tensors.files:
        if isinstance(shard.path, BucketPlace):
            shard.path.shelf.leave_out(shard.path.stored())


@contextmanager
def reading(models: Place) -> Iterator[None]:
    """Give back what reading `models` takes, whatever comes of it; log what it went through."""
    if not isinstance(models, BucketPlace):
        yield
        return
    try:
        yield
    finally:
        mended, last = models.shelf.close()
        if mended:
            words = f"reading {models} was interrupted {mended} times, last because: {last}"
            logging.getLogger(__name__).warning(words)


def _wanted(part: PartFile) -> list[Wanted]:
    shards = part.header.files
    needs = by_file(shards, part.tensors.extents)
    return [
        Wanted(shard.path.stored(), tuple(extents))
        for shard, extents in zip(shards, needs, strict=True)
        if isinstance(shard.path, BucketPlace)
    ]
