"""A process that reads for an engine; see `engine.weights.bucket.crew`."""

from __future__ import annotations

import json
import mmap
import os
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

from engine.errors import ModelError, ModelNotFound
from engine.weights.ahead.checksum import Checksum, quick_checksum
from engine.weights.ahead.slots import place
from engine.weights.bucket.bucket import Bucket
from engine.weights.bucket.crew_words import Brought, Failed, Job, TokenWanted
from engine.weights.bucket.line import Endpoint, Patience, Trust


class AskedTokens:
    """Tokens that the engine is asked for; see `engine.weights.bucket.credentials.Tokens`."""

    def __init__(self, line: Connection, whose: str) -> None:
        self.whose = whose
        self._line = line

    def current(self, refused: str = "") -> str:
        """Return a token's text, empty for nobody's; raises `ModelError`."""
        self._line.send(TokenWanted(refused))
        said = self._line.recv()
        if isinstance(said, ModelError):
            raise said
        return str(said)


class Member:
    """Does what one line asks for, until its other end is closed."""

    def __init__(
        self, line: Connection, memory: memoryview, told: dict[str, Any], trust: Trust
    ) -> None:
        self._line, self._memory = line, memory
        self._checksum: Checksum | None = quick_checksum()
        self._bucket = Bucket(
            told["bucket"],
            Endpoint(*told["endpoint"]),
            AskedTokens(line, told["whose"]),
            Patience(*told["patience"]),
            trust=trust,
        )
        self._storage = self._bucket.line()

    def work(self) -> None:
        """Read piece after piece."""
        try:
            while True:
                self._line.send(self._done(self._line.recv()))
        except (EOFError, OSError):
            self._storage.close()

    def _done(self, job: Job) -> Brought | Failed:
        before, _ = self._bucket.interruptions
        try:
            with place(self._memory, job.slot, job.length) as buffer:
                self._bucket.read(job.stored, job.offset, buffer, self._storage)
                checksum = self._checksum(buffer) if self._checksum else 0
        except (EOFError, ConnectionError):
            raise
        except ModelError as error:
            return Failed(error, *self._mended(before))
        except Exception as error:
            words = f"{job.stored.key} cannot be read ({type(error).__name__}: {error})"
            return Failed(ModelNotFound(words), *self._mended(before))
        return Brought(checksum, *self._mended(before))

    def _mended(self, before: int) -> tuple[int, str]:
        count, trouble = self._bucket.interruptions
        return count - before, trouble


def main() -> None:
    """Read for the engine until it closes standard input."""
    told = json.loads(sys.stdin.buffer.readline() or b"{}")
    if not told:
        return
    memory = memoryview(mmap.mmap(told["memory"], 0))
    trust = Trust()
    for descriptor in told["lines"]:
        member = Member(Connection(descriptor), memory, told, trust)
        threading.Thread(target=member.work, daemon=True).start()
    sys.stdin.buffer.read()
    # Without waiting for what is still being read, which nobody wants any more.
    os._exit(0)


if __name__ == "__main__":
    main()
