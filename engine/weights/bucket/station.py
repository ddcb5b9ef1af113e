"""What brings a piece of a file into its place, on a connection of its own."""

from __future__ import annotations

import threading

from engine.weights.ahead.checksum import Checksum
from engine.weights.ahead.slots import Slots
from engine.weights.bucket.bucket import Bucket, StoredObject


class Station:
    """Reads in the thread that asks; see `engine.weights.ahead.read_ahead.Fetcher`."""

    def __init__(
        self, bucket: Bucket, slots: Slots, checksum: Checksum | None, stopped: threading.Event
    ) -> None:
        self._bucket, self._slots = bucket, slots
        self._checksum, self._stopped = checksum, stopped
        self._line = bucket.line()

    def fetch(self, stored: StoredObject, offset: int, length: int, slot: int) -> int:
        """Read a piece into a place, and return its checksum, 0 without anything to compute it."""
        with self._slots.view(slot, length) as place:
            self._bucket.read(stored, offset, place, self._line, self._stopped)
            return self._checksum(place) if self._checksum else 0

    def close(self) -> None:
        """Hang up."""
        self._line.close()
