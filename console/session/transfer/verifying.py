"""Checksums of what is here and of what is there, by reading all of it. Everything blocks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import google_crc32c

from console.model.models.push_progress import FileStage
from console.model.models.verification import Digests
from console.model.storage import StoredObject
from console.session.transfer.file_push import tried
from console.session.transfer.local_reading import in_base64
from console.session.transfer.meter import FileMeter
from console.session.transfer.sending import Means

_PIECE: Final = 16 << 20


def digests_here(path: Path, stop: Callable[[], None], meter: FileMeter) -> Digests:
    """Return the checksums of a file; `stop` may raise. Raises `OSError`."""

    def pieces() -> Iterator[bytes]:
        with path.open("rb", buffering=0) as file:
            while data := file.read(_PIECE):
                yield data

    return _digests(pieces(), stop, meter)


def digests_there(stored: StoredObject, means: Means, meter: FileMeter) -> Digests:
    """Return the checksums of an object's bytes; raises `SourceError` and `Stopped`."""

    def pieces() -> Iterator[bytes]:
        for start in range(0, stored.size, _PIECE):
            count = min(_PIECE, stored.size - start)
            data = tried(means, meter, partial(means.writer.read, stored, start, count))
            means.bandwidth.take(len(data))
            yield data

    return _digests(pieces(), lambda: means.pause(0), meter)


def _digests(pieces: Iterator[bytes], stop: Callable[[], None], meter: FileMeter) -> Digests:
    size, crc32c, sha256 = 0, 0, hashlib.sha256()
    meter.stage(FileStage.SENDING)
    for data in pieces:
        stop()
        size += len(data)
        crc32c = google_crc32c.extend(crc32c, data)
        sha256.update(data)
        meter.passed(len(data))
        meter.arrived(len(data))
    meter.stage(FileStage.SENT)
    return Digests(size, in_base64(crc32c), sha256.hexdigest())
