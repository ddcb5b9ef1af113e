"""Files, read ahead of their use by many threads into memory of a bounded size.

Pieces are asked for in the order of use, several at a time, each on a connection or with a
descriptor that its thread keeps. What has come waits until it is copied out, or stays where it is
for good. No more than `RING` bytes wait, beside a share of the model that may come in before
anything is used, while libraries are being imported. A piece that somebody waits for is fetched
whatever else waits, so that an order that was guessed wrong costs time and never stops.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from engine.errors import MalformedFile, ModelError, ModelNotFound
from engine.weights.ahead.pieces import PiecedFile, Wanted, piece_count
from engine.weights.ahead.slots import PIECE, Room, Slots
from engine.weights.ahead.stored import Stored
from engine.weights.source import DamagedRead

RING: Final = 448 << 20
THREADS: Final = 12

_SMALL: Final = 1 << 20
S = TypeVar("S", bound=Stored)
K = TypeVar("K", bound=Stored, contravariant=True)
_Piece = tuple[PiecedFile[S], int]


class Interrupted(ModelNotFound):
    """The reading was called off."""


class Fetcher(Protocol[K]):
    """Brings pieces, for one thread."""

    def fetch(self, stored: K, offset: int, length: int, slot: int) -> int:
        """Read a piece into a place, and return its checksum; raises `ModelError`.

        The checksum is 0 where nothing can compute it.
        """

    def close(self) -> None:
        """Hang up, or close what was opened."""


class ReadAhead(Generic[S]):
    """Reads files into `slots`; `early` bytes may wait as long as little was used.

    `checking` says whether fetchers compute checksums; `agrees` compares what has come with what
    was read before, `read` brings a few bytes that were not planned. `ended` is called once the
    last thread has let go of its fetcher.
    """

    def __init__(
        self,
        wanted: Sequence[Wanted[S]],
        slots: Slots,
        fetcher: Callable[[ReadAhead[S]], Fetcher[S]],
        *,
        agrees: Callable[[S, int, memoryview], bool],
        read: Callable[[S, int, memoryview], None],
        checking: bool,
        early: int = 0,
        ring: int = RING,
        threads: int = THREADS,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._files: dict[str, PiecedFile[S]] = {}
        first = 0
        for each in wanted:
            file = self._files[each.stored.key] = PiecedFile(each, first)
            first += file.count
        self._slots, self._agrees, self._read = slots, agrees, read
        self._checking, self._early, self._ring = checking, early, ring
        self._ended = ended
        self._changed = threading.Condition()
        self._waiting: deque[_Piece[S]] = deque()
        self._urgent: deque[_Piece[S]] = deque()
        self._flying: set[_Piece[S]] = set()
        self._here: dict[_Piece[S], int] = {}
        self._looked_at: dict[_Piece[S], int] = {}
        self._lent: set[_Piece[S]] = set()
        self._held = self._used = 0
        self._closed = False
        self.stopped = threading.Event()
        for file in self._files.values():
            self._waiting.extend((file, index) for index in file.order)
        self._threads = [
            threading.Thread(target=self._work, args=(fetcher,), name="engine-reader", daemon=True)
            for _ in range(min(threads, max(1, len(self._waiting))))
        ]
        for thread in self._threads:
            thread.start()

    # -- for whoever uses the bytes -----------------------------------------------------------

    def has(self, stored: S) -> bool:
        """Whether a file is among those that are read, and still to be used."""
        file = self._files.get(stored.key)
        return file is not None and not file.done

    def finish(self, stored: S) -> None:
        """Read no more of a file; after the last one all memory is given back."""
        with self._changed:
            file = self._files[stored.key]
            file.done = True
            file.left = [0] * file.count
            self._waiting = deque(piece for piece in self._waiting if piece[0] is not file)
            for piece in [piece for piece in self._here if piece[0] is file]:
                slot = self._here.pop(piece)
                if piece not in self._lent:
                    self._drop(slot)
            if all(each.done for each in self._files.values()):
                self._close()
            self._changed.notify_all()

    def read_into(self, stored: S, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` from `offset` on; raises `ModelError`."""
        file, done = self._files[stored.key], 0
        _check_inside(stored, offset + len(buffer))
        while done < len(buffer):
            index, begin = divmod(offset + done, PIECE)
            count = min(len(buffer) - done, PIECE - begin)
            if not self._take(file, index, few=len(buffer) < _SMALL):
                self._read(stored, offset + done, buffer[done : done + count])
            else:
                view = self._slots.view(self._here[file, index], begin + count)
                _copy(buffer[done : done + count], view[begin:])
                view.release()
                self._put_back(file, index, count)
            done += count

    def lend(self, stored: S, offset: int, length: int) -> memoryview | None:
        """Return bytes where they came, to be kept; None where memory is used again.

        They stay as long as somebody looks at them, and the pieces in which they are count as used.
        Raises `ModelError`.
        """
        if not isinstance(self._slots, Room) or not length:
            return None
        file, end = self._files[stored.key], offset + length
        _check_inside(stored, end)
        for index in range(offset // PIECE, piece_count(end)):
            self._take(file, index, few=False)
            begin = index * PIECE
            self._keep(file, index, min(end, begin + PIECE) - max(offset, begin))
        return self._slots.span(file.first, offset, length)

    def check(self, stored: S) -> str:
        """Wait until a file has come as a whole and check it; return why that is not possible.

        Raises `DamagedRead` if it is not what its metadata says, `ModelError` if a piece of it
        did not come.
        """
        file = self._files[stored.key]
        if stored.crc32c is None:
            return "it has none"
        if not self._checking:
            return "the package google-crc32c is not installed"
        if not file.whole:
            return "too little of the file is needed"
        with self._changed:
            self._changed.wait_for(lambda: file.complete() or file.error or self._closed)
            if file.error:
                raise _anew(file.error)
            if not file.intact():
                raise DamagedRead(
                    f"{stored.key} does not have the checksum that its metadata states; upload "
                    "it again"
                )
        return ""

    def close(self) -> None:
        """Read no more, and give all memory back once the threads have let go of it."""
        with self._changed:
            self._close()

    # -- in the reading threads ---------------------------------------------------------------

    def _work(self, make: Callable[[ReadAhead[S]], Fetcher[S]]) -> None:
        fetcher = make(self)
        try:
            while (job := self._next()) is not None:
                self._bring(fetcher, *job)
        finally:
            fetcher.close()
            with self._changed:
                self._threads.remove(threading.current_thread())
                last = not self._threads
            if last:
                self._slots.close()
                self._ended()

    def _next(self) -> tuple[_Piece[S], int] | None:
        with self._changed:
            while not self._closed:
                piece = self._urgent.popleft() if self._urgent else self._affordable()
                if piece is not None:
                    self._flying.add(piece)
                    self._held += PIECE
                    file, index = piece
                    return piece, self._slots.take(file.first + index)
                self._changed.wait()
            return None

    def _affordable(self) -> _Piece[S] | None:
        if not self._waiting:
            return None
        return self._waiting.popleft() if self._held + PIECE <= self._limit() else None

    def _limit(self) -> int:
        return max(self._ring, self._early - self._used)

    def _bring(self, fetcher: Fetcher[S], piece: _Piece[S], slot: int) -> None:
        file, index = piece
        checksum = 0
        error: ModelError | None = None
        try:
            checksum = self._fetched(fetcher, file, index, slot)
        except ModelError as why:
            error = why
        except Exception as why:
            error = ModelNotFound(f"{file.stored.key} cannot be read ({type(why).__name__}: {why})")
        with self._changed:
            self._flying.discard(piece)
            if error is not None and not isinstance(error, Interrupted):
                file.error = file.error or error
            if error is None:
                file.checksums[index] = checksum
            if error is None and file.planned(index) and not self._closed:
                self._here[piece] = slot
            else:
                self._drop(slot)
            self._changed.notify_all()

    def _fetched(self, fetcher: Fetcher[S], file: PiecedFile[S], index: int, slot: int) -> int:
        """Bring a piece, and see that it is what it was if it has come before, or in part."""
        offset, length = index * PIECE, file.length(index)
        for _ in range(2):
            checksum = fetcher.fetch(file.stored, offset, length, slot)
            same = file.checksums[index] in (None, checksum)
            if same and self._agrees(file.stored, offset, self._slots.view(slot, length)):
                return checksum
        raise MalformedFile(
            f"{file.stored.key} gave other bytes when it was read again; start again"
        )

    # -- with the lock held, or taking it -----------------------------------------------------

    def _take(self, file: PiecedFile[S], index: int, *, few: bool) -> bool:
        """Wait for a piece and hold it; returns False for a few bytes that nobody planned."""
        piece = (file, index)
        with self._changed:
            if few and not file.planned(index):
                return False
            while piece not in self._here:
                if file.error:
                    raise _anew(file.error)
                if self._closed:
                    raise Interrupted(f"{file.stored.key} is not read any more")
                if piece not in self._flying and piece not in self._urgent:
                    if piece in self._waiting:
                        self._waiting.remove(piece)
                    file.left[index] = max(1, file.left[index])
                    self._urgent.append(piece)
                    self._changed.notify_all()
                self._changed.wait()
            self._looked_at[piece] = self._looked_at.get(piece, 0) + 1
            return True

    def _put_back(self, file: PiecedFile[S], index: int, count: int) -> None:
        piece = (file, index)
        with self._changed:
            file.left[index] -= count
            self._looked_at[piece] -= 1
            crowded = self._held > self._limit()
            free = not self._looked_at[piece] and piece not in self._lent
            if free and (crowded or not file.planned(index)):
                del self._looked_at[piece]
                self._drop(self._here.pop(piece))
                self._changed.notify_all()

    def _keep(self, file: PiecedFile[S], index: int, count: int) -> None:
        piece = (file, index)
        with self._changed:
            file.left[index] -= count
            self._looked_at[piece] -= 1
            if piece not in self._lent:
                self._lent.add(piece)
                self._count_out()
                self._changed.notify_all()

    def _drop(self, slot: int) -> None:
        self._count_out()
        self._slots.give(slot)

    def _count_out(self) -> None:
        self._held -= PIECE
        self._used += PIECE

    def _close(self) -> None:
        self._closed = True
        self.stopped.set()
        for piece, slot in self._here.items():
            # Memory that goes back becomes zeros, also for whoever still copies out of it.
            if piece not in self._lent and not self._looked_at.get(piece):
                self._drop(slot)
        self._here.clear()
        self._changed.notify_all()


def _check_inside(stored: Stored, end: int) -> None:
    if end > stored.bytes:
        raise MalformedFile(f"{stored.key} is shorter than its header says; upload it again")


def _copy(target: memoryview, source: memoryview) -> None:
    if len(target) < _SMALL:
        target[:] = source
        return
    # Unlike an assignment this lets other threads go on meanwhile.
    import numpy as np

    np.copyto(np.frombuffer(target, np.uint8), np.frombuffer(source, np.uint8))


def _anew(error: ModelError) -> ModelError:
    # A new one each time: an exception keeps the frames of every raise.
    return type(error)(str(error))
