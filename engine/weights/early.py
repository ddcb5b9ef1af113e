"""The reading that begins before anything heavy is imported.

Files of a bucket or a mount are read into memory of this process, in the order of use. Of a disk
the system is asked to read ahead into its page cache, which costs nothing where they are there.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from engine.weights.ahead.pieces import Wanted
from engine.weights.bucket.place import BucketPlace
from engine.weights.discover import ModelFiles, PartFile, open_part
from engine.weights.layout import PartTensors
from engine.weights.mount.place import MountPlace
from engine.weights.place import Place
from engine.weights.source import by_file

# Before anything is used, this share of the files may wait in memory, up to so many bytes: the
# smallest form in which weights are kept has half of a file's bytes.
_EARLY_SHARE: Final = 0.5
_EARLY_BYTES: Final = 4 << 30
# A text encoder with more numbers is read for its only prompt when that comes.
_LARGE: Final = 1_000_000_000

_Extents = Sequence[tuple[int, int]]


def begin_reading(
    files: ModelFiles, *, one_prompt: bool, as_stored: bool = False, on_gpu: bool = False
) -> None:
    """Begin to read the parts of a model, in the order of use.

    Weights that are kept `as_stored`, or were rounded beforehand, can stay where they come, unless
    they go on to a GPU.
    """
    stay = as_stored
    wanted: list[tuple[Place, _Extents]] = []
    for facts in (files.text_encoder, files.transformer, files.vae):
        part = open_part(facts.path)
        stay = stay or part.tensors.rounded_to is not None
        if not (facts is files.text_encoder and one_prompt and part.tensors.elements > _LARGE):
            wanted += _wanted(part)
    total = sum(size for _, extents in wanted for _, size in extents)
    early = min(_EARLY_BYTES, int(_EARLY_SHARE * total))
    place = files.transformer.path
    if isinstance(place, BucketPlace):
        objects = [(path, needed) for path, needed in wanted if isinstance(path, BucketPlace)]
        pieces = [Wanted(path.stored(), tuple(needed)) for path, needed in objects]
        place.shelf.begin(pieces, early, stay=stay and not on_gpu)
    elif isinstance(place, MountPlace):
        mounted = [(path, needed) for path, needed in wanted if isinstance(path, MountPlace)]
        ranges = [Wanted(path.stored(), tuple(needed)) for path, needed in mounted]
        place.shelf.begin(ranges, early, stay=stay and not on_gpu)
    elif hasattr(os, "posix_fadvise"):
        on_disk = [(path, extents) for path, extents in wanted if isinstance(path, Path)]
        threading.Thread(
            target=_advise, args=(on_disk, early), name="engine-advice", daemon=True
        ).start()


def leave_out(tensors: PartTensors) -> None:
    """Read no more of a part whose reading was begun and that is not used now."""
    for shard in tensors.files:
        if isinstance(shard.path, BucketPlace | MountPlace):
            shard.path.leave_out()


@contextmanager
def reading(models: Place) -> Iterator[None]:
    """Give back what reading `models` takes, whatever comes of it; log what it went through."""
    if not isinstance(models, BucketPlace | MountPlace):
        yield
        return
    try:
        yield
    finally:
        mended, last = models.shelf.close()
        if mended:
            words = f"reading {models} was interrupted {mended} times, last because: {last}"
            logging.getLogger(__name__).warning(words)


def _wanted(part: PartFile) -> list[tuple[Place, _Extents]]:
    shards = part.header.files
    needs = by_file(shards, part.tensors.extents)
    return [(shard.path, extents) for shard, extents in zip(shards, needs, strict=True)]


def _advise(wanted: Sequence[tuple[Path, _Extents]], early: int) -> None:
    """Have the system read the first `early` bytes that are needed."""
    for path, extents in wanted:
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                for offset, size in extents:
                    if early <= 0:
                        return
                    os.posix_fadvise(descriptor, offset, size, os.POSIX_FADV_WILLNEED)
                    early -= size
            finally:
                os.close(descriptor)
