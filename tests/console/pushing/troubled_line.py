"""A line to a server on this machine on which things go wrong when a test says so."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

_CHUNK = 128 * 1024
_LARGE = 16 * 1024
_AT_ONCE = struct.pack("ii", 1, 0)


class Trouble(StrEnum):
    """What goes wrong."""

    RESET = "reset while sending"
    STALL = "nothing passes any more"
    DAMAGE = "a byte is changed on its way"
    LOST_ANSWER = "reset before the answer arrives"


class TroubledLine:
    """Forwards connections to `target`; `next` says what happens to what is sent next.

    With `every` set something happens about every so many bytes, chosen by `dice`.
    """

    def __init__(self, target: str, seed: int = 0) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._coming: deque[Trouble] = deque()
        self._dice = random.Random(seed)
        self.every: int | None = None
        self.kinds: tuple[Trouble, ...] = tuple(Trouble)
        self.seen: Counter[Trouble] = Counter()
        self.sent = 0
        self.address = ""
        self._open: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def next(self, *troubles: Trouble) -> None:
        """Let these happen, one after the other, to the next large pieces that are sent."""
        self._coming.extend(troubles)

    def break_off(self) -> None:
        """Reset every connection, as a server does whose patience is at its end."""
        done = threading.Event()

        def reset() -> None:
            _reset(*self._open)
            done.set()

        assert self._loop is not None
        self._loop.call_soon_threadsafe(reset)
        assert done.wait(30)

    async def serve(self, ready: threading.Event, done: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, limit=_CHUNK)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await asyncio.to_thread(done.wait)
        server.close()
        for writer in list(self._open):
            _reset(writer)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, to_there = await asyncio.open_connection(*self._target, limit=_CHUNK)
        except OSError:
            _reset(writer)
            return
        lost = asyncio.Event()
        pair = (writer, to_there)
        self._open |= set(pair)
        up = asyncio.create_task(self._up(reader, to_there, pair, lost))
        down = asyncio.create_task(self._down(there, writer, pair, lost))
        # Who serves ends all that is open; that is no failure of a connection.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(up, down, return_exceptions=True)
        for each in pair:
            each.close()
        self._open -= set(pair)

    async def _up(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pair: tuple[asyncio.StreamWriter, ...],
        lost: asyncio.Event,
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                self.sent += len(data)
                match self._trouble(len(data)):
                    case Trouble.RESET:
                        _reset(*pair)
                        return
                    case Trouble.STALL:
                        await asyncio.sleep(3_600)
                    case Trouble.DAMAGE:
                        data = data[:-1] + bytes([data[-1] ^ 0x40])
                    case Trouble.LOST_ANSWER:
                        lost.set()
                writer.write(data)
                await writer.drain()
            writer.write_eof()

    async def _down(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pair: tuple[asyncio.StreamWriter, ...],
        lost: asyncio.Event,
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                if lost.is_set():
                    _reset(*pair)
                    return
                writer.write(data)
                await writer.drain()
            writer.write_eof()

    def _trouble(self, size: int) -> Trouble | None:
        if size < _LARGE:
            return None
        if self.every is not None and self._dice.random() < size / self.every:
            self._coming.append(self._dice.choice(self.kinds))
        if not self._coming:
            return None
        trouble = self._coming.popleft()
        self.seen[trouble] += 1
        return trouble


def _reset(*writers: asyncio.StreamWriter) -> None:
    for writer in writers:
        connection = writer.get_extra_info("socket")
        if connection is not None:
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        writer.transport.abort()


@contextmanager
def troubled_line(target: str, seed: int = 0) -> Iterator[TroubledLine]:
    """Yield a line to `HOST:PORT`, served from a thread."""
    line = TroubledLine(target, seed)
    ready, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(line.serve(ready, done),), daemon=True)
    thread.start()
    try:
        assert ready.wait(30)
        yield line
    finally:
        done.set()
        thread.join(30)
