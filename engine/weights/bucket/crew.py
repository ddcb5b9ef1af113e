"""Processes that read for this one, so that reading and importing do not wait for each other.

What is received takes the interpreter's lock, for every 16 KiB where it is encrypted, and memory
that is touched for the first time takes the lock on a process's memory: with a dozen readers both
are busy. Each piece is asked for over a pair of sockets and written into memory that both see.
Tokens stay here: a reading process asks for the text of one when it needs it. A process ends when
its standard input does, so none outlives this one.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import astuple
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from engine.errors import ModelError
from engine.weights.ahead.read_ahead import Interrupted
from engine.weights.ahead.slots import Slots
from engine.weights.bucket.bucket import Bucket, StoredObject
from engine.weights.bucket.crew_words import Failed, Job, TokenWanted
from engine.weights.bucket.station import Station

_ROOT: Final = Path(__file__).parents[3]
_MOST: Final = 4
# Below this a reading is over before a process has begun to help.
_WORTH: Final = 256 << 20
_LOOK: Final = 0.2


def useful_processes(count: int) -> int:
    """Return how many processes should read `count` bytes: none for a few."""
    if count < _WORTH or not hasattr(os, "memfd_create"):
        return 0
    return min(_MOST, len(os.sched_getaffinity(0)))


class Crew:
    """`threads` readers in `processes` processes; raises `OSError` where none can be started."""

    def __init__(self, bucket: Bucket, slots: Slots, *, processes: int, threads: int) -> None:
        self._free: list[Connection] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            for index in range(processes):
                count = len(range(index, threads, processes))
                self._start(bucket, slots, count)
        except OSError:
            self.close()
            raise

    def reader(self) -> Connection:
        """Return the way to a reader that nobody else has."""
        return self._free.pop()

    def close(self) -> None:
        """End the processes, whatever they do."""
        for process in self._processes:
            process.communicate()
        for line in self._free:
            line.close()

    def _start(self, bucket: Bucket, slots: Slots, count: int) -> None:
        with ExitStack() as theirs:
            pairs = [socket.socketpair() for _ in range(count)]
            for _, there in pairs:
                theirs.enter_context(there)
            self._free += [Connection(here.detach()) for here, _ in pairs]
            lines = [there.fileno() for _, there in pairs]
            process = subprocess.Popen(
                (sys.executable, "-S", "-P", "-m", "engine.weights.bucket.crew_member"),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(slots.descriptor, *lines),
                env=_environment(),
                # An interrupt from the keyboard is for the engine.
                start_new_session=True,
            )
        self._processes.append(process)
        told = {
            "bucket": bucket.name,
            "endpoint": astuple(bucket.endpoint),
            "patience": astuple(bucket.patience),
            "whose": bucket.tokens.whose,
            "memory": slots.descriptor,
            "lines": lines,
        }
        assert process.stdin is not None
        process.stdin.write(json.dumps(told).encode() + b"\n")
        process.stdin.flush()


class Apart:
    """Has a process read, and reads itself once that is gone; see `Fetcher`."""

    def __init__(self, crew: Crew, bucket: Bucket, here: Station, stopped: threading.Event) -> None:
        self._bucket, self._here, self._stopped = bucket, here, stopped
        self._line: Connection | None = crew.reader()

    def fetch(self, stored: StoredObject, offset: int, length: int, slot: int) -> int:
        """Read a piece into a place, and return its checksum; raises `ModelError`."""
        if self._line is not None:
            try:
                return self._asked(self._line, Job(stored, offset, length, slot))
            except (OSError, EOFError):
                self._let_go()
                self._bucket.mended(1, "a reading process ended")
        return self._here.fetch(stored, offset, length, slot)

    def close(self) -> None:
        """Hang up."""
        self._let_go()
        self._here.close()

    def _asked(self, line: Connection, job: Job) -> int:
        line.send(job)
        while True:
            while not line.poll(_LOOK):
                if self._stopped.is_set():
                    raise Interrupted(f"{job.stored.key} is not read any more")
            said = line.recv()
            if isinstance(said, TokenWanted):
                line.send(self._token(said))
                continue
            if said.interruptions:
                self._bucket.mended(said.interruptions, said.trouble)
            if isinstance(said, Failed):
                raise said.error
            return int(said.checksum)

    def _token(self, wanted: TokenWanted) -> str | ModelError:
        try:
            return self._bucket.tokens.current(wanted.refused)
        except ModelError as error:
            return error

    def _let_go(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _environment() -> dict[str, str]:
    """Return what a process needs to find the same packages, without looking for them again."""
    paths: Sequence[str] = (str(_ROOT), *(each for each in sys.path if each))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}
