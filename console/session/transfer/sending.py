"""The parts of one file sent side by side, each until it has arrived whole.

Whatever passes by itself is waited for: no network, a storage that is busy, a login that is being
renewed, a part that was damaged on the way. What was on its way when something broke is all that is
sent again: at most one part for each thread.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from console.model.models.patience import AwakeTime, Patience
from console.model.models.upload_record import SentPart, UploadRecord
from console.session.transfer.bandwidth import Bandwidth
from console.session.transfer.local_reading import PartData, in_base64
from console.session.transfer.meter import FileMeter
from console.session.transfer.upload_records import RecordFile
from console.sources.base import Malformed, Offline, SourceError, Throttled, Unauthenticated
from console.sources.writing import Corrupted, ObjectWriter

PIECE: Final = 256 << 10
"""How many bytes are handed on at once; between two of them the sending can be ended."""

_LOOK_SECONDS: Final = 0.2
_OTHERS_SECONDS: Final = 10.0
"""When a part arrived so lately, it is not the way that is closed."""


class Stopped(Exception):
    """Somebody ended the transfer; it can be gone on with."""


@dataclass(frozen=True, slots=True)
class Means:
    """What it takes to send: by what, how many parts at once, how fast, how patiently.

    `clock` gives seconds, `jitter` a number from 0 to 1, and `stop` is set to end it all. One file
    at a time has the `wire`, while others are put together.
    """

    writer: ObjectWriter
    threads: int
    bandwidth: Bandwidth
    patience: Patience
    clock: Callable[[], float]
    jitter: Callable[[], float]
    stop: threading.Event
    wire: threading.Lock = field(default_factory=threading.Lock)

    def pause(self, seconds: float) -> None:
        """Wait; raises `Stopped`."""
        if self.stop.wait(seconds):
            raise Stopped


class Sending:
    """Sends parts of the upload `record`, and adds to `file` each one that arrived."""

    def __init__(
        self, means: Means, record: UploadRecord, file: RecordFile, meter: FileMeter
    ) -> None:
        self._means = means
        self._record = record
        self._file = file
        self._meter = meter
        self._waiting: queue.Queue[PartData | None] = queue.Queue(maxsize=2)
        self._lock = threading.Lock()
        self._tags = {number: part.tag for number, part in record.parts.items()}
        self._failure: BaseException | None = None
        self._over = threading.Event()

    def send(self, parts: Iterable[PartData | SentPart]) -> Mapping[int, str]:
        """Send what is data of `parts`; return the tags of all, by number.

        Raises `SourceError`, `Stopped`, and what `parts` raises.
        """
        threads = [
            threading.Thread(target=self._work, name=f"part-{number}", daemon=True)
            for number in range(self._means.threads)
        ]
        for each in threads:
            each.start()
        try:
            for part in parts:
                if isinstance(part, PartData):
                    self._hand_on(part)
                self._check()
            for _ in threads:
                self._hand_on(None)
            for each in threads:
                while each.is_alive():
                    each.join(_LOOK_SECONDS)
                    self._check()
            self._check()
        finally:
            self._over.set()
            for each in threads:
                # Most end at once; one that waits for an answer is left to itself.
                each.join(_LOOK_SECONDS)
        return self._tags

    def _hand_on(self, part: PartData | None) -> None:
        while True:
            self._check()
            try:
                return self._waiting.put(part, timeout=_LOOK_SECONDS)
            except queue.Full:
                continue

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._means.stop.is_set():
            raise Stopped

    def _work(self) -> None:
        try:
            while not self._over.is_set():
                try:
                    part = self._waiting.get(timeout=_LOOK_SECONDS)
                except queue.Empty:
                    continue
                if part is None:
                    return
                self._arrived(part, self._sent(part))
        except BaseException as error:
            self._failure = self._failure or error

    def _arrived(self, part: PartData, tag: str) -> None:
        with self._lock:
            self._tags[part.number] = tag
            self._file.add(SentPart(part.number, tag, part.crc32c))
        self._meter.arrived(len(part.data))

    def _sent(self, part: PartData) -> str:
        record, tries = self._record, Tries(self._means, self._meter)
        while True:
            payload = _Payload(part.data, self._passing, self._meter)
            try:
                return self._means.writer.send(
                    record.staged, record.upload, part.number, payload, in_base64(part.crc32c)
                )
            except SourceError as error:
                payload.lost()
                tries.failed(error)

    def _passing(self, count: int) -> None:
        self._means.bandwidth.take(count)
        if self._over.is_set() or self._means.stop.is_set():
            raise Stopped


class Tries:
    """How often something failed in a row, and whether it is worth another try."""

    def __init__(self, means: Means, meter: FileMeter) -> None:
        self._means = means
        self._meter = meter
        self._failures = 0
        self._corrupted = 0
        self._refused = 0
        self._trying = AwakeTime(means.clock(), means.patience.attempt_seconds)

    def failed(self, error: SourceError) -> None:
        """Wait until it is worth trying again; raises `error` if it is not, and `Stopped`."""
        self._failures += 1
        patience = self._means.patience
        trying = self._trying.look(self._means.clock())
        match error:
            case Corrupted():
                self._corrupted += 1
                hopeless = self._corrupted > patience.corrupted
            case Unauthenticated():
                self._refused += 1
                hopeless = self._refused > patience.refused
            case Offline() | Throttled() | Malformed():
                hopeless = min(trying, self._meter.quiet_for()) > patience.quiet_seconds
            case _:
                hopeless = True
        if hopeless:
            raise error
        asked = error.retry_after if isinstance(error, Throttled) else None
        alone = self._meter.quiet_for() < _OTHERS_SECONDS
        wait = patience.delay(self._failures, self._means.jitter(), alone=alone, asked=asked)
        self._trying.waits(wait)
        self._meter.waiting(error.message, wait)
        self._means.pause(wait)


class _Payload:
    """The bytes of a part in pieces; each is counted when it is handed on."""

    def __init__(self, data: bytes, passing: Callable[[int], None], meter: FileMeter) -> None:
        self._data = memoryview(data)
        self._passing = passing
        self._meter = meter
        self._counted = 0

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[memoryview]:
        # Google's client begins anew after it has renewed the login.
        self.lost()
        for start in range(0, len(self._data), PIECE):
            piece = self._data[start : start + PIECE]
            self._passing(len(piece))
            yield piece
            self._counted += len(piece)
            self._meter.passed(len(piece))

    def lost(self) -> None:
        """Take back what was counted: it did not arrive."""
        self._meter.lost(self._counted)
        self._counted = 0
