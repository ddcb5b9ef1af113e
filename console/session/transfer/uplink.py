"""How fast bytes get to a bucket, found out by sending some that are thrown away."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from typing import Final

import google_crc32c

from console.model.models.staging import staged_name
from console.session.transfer.local_reading import in_base64
from console.session.transfer.sending import PIECE, Means, Stopped
from console.sources.base import SourceError

SECONDS: Final = 3.0
"""For how long new parts are begun."""

LONGEST_SECONDS: Final = 12.0
"""After so long even a part that is on its way is given up."""

ENOUGH: Final = 16 << 20
"""After so many bytes a way is known to be fast enough."""

_SMALLEST: Final = 256 << 10
_LARGEST: Final = 4 << 20


class Uplink:
    """Sends random bytes to the bucket of `means`, as `sender`; nothing of it is ever an object."""

    def __init__(self, means: Means, sender: str) -> None:
        self._means = means
        self._name = staged_name(sender, secrets.token_hex(6), "measured")
        self._lock = threading.Lock()
        self._arrived = 0
        self._last = 0.0

    def measure(self) -> float | None:
        """Return bytes a second; None if none got through in time. Raises `SourceError`."""
        writer = self._means.writer
        upload = writer.begin(self._name, {})
        try:
            began = self._means.clock()
            threads = [
                threading.Thread(target=self._send, args=(upload, number, began), daemon=True)
                for number in range(1, self._means.threads + 1)
            ]
            for each in threads:
                each.start()
            for each in threads:
                each.join(LONGEST_SECONDS)
            took = self._last - began
            return self._arrived / took if took > 0 else None
        finally:
            writer.give_up(self._name, upload)

    def _send(self, upload: str, number: int, began: float) -> None:
        size, clock = _SMALLEST, self._means.clock
        try:
            while clock() - began < SECONDS and self._arrived < ENOUGH:
                data = os.urandom(size)
                crc32c = in_base64(google_crc32c.value(data))
                payload = _Fleeting(data, self._means, began + LONGEST_SECONDS)
                self._means.writer.send(self._name, upload, number, payload, crc32c)
                with self._lock:
                    self._arrived += size
                    self._last = clock()
                size = min(_LARGEST, size * 2)
        except (SourceError, Stopped):
            # What arrived until then counts.
            return


class _Fleeting:
    """Bytes that are sent only until a moment."""

    def __init__(self, data: bytes, means: Means, until: float) -> None:
        self._data = memoryview(data)
        self._means = means
        self._until = until

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[memoryview]:
        for start in range(0, len(self._data), PIECE):
            if self._means.stop.is_set() or self._means.clock() > self._until:
                raise Stopped
            piece = self._data[start : start + PIECE]
            self._means.bandwidth.take(len(piece))
            yield piece
