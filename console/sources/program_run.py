"""A program run to its end from a thread: within a time, and within so much of what it says."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from console.language import tr

_LARGEST: Final = 1024 * 1024
_PIECE: Final = 64 * 1024


class DoesNotEnd(Exception):
    """A program took too long, or said too much; `str()` is one line."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a program said before it ended with `code`."""

    code: int
    output: str
    errors: str


def run(
    command: Sequence[str], environment: Mapping[str, str], seconds: float, largest: int = _LARGEST
) -> Ended:
    """Run a command without input; `largest` is how many bytes it may say, `seconds` how long.

    It is ended, with whatever it started, when it goes beyond either. Raises `DoesNotEnd` then, and
    `OSError` when it cannot be run.
    """
    with subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            output, errors = _said(process, time.monotonic() + seconds, seconds, largest)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    return Ended(process.returncode, output, errors)


def _said(
    process: subprocess.Popen[bytes], until: float, seconds: float, largest: int
) -> tuple[str, str]:
    output, errors = bytearray(), bytearray()
    with selectors.DefaultSelector() as ready:
        for stream, text in ((process.stdout, output), (process.stderr, errors)):
            assert stream is not None
            ready.register(stream, selectors.EVENT_READ, text)
        while ready.get_map():
            found = ready.select(max(0.0, until - time.monotonic()))
            if not found or time.monotonic() > until:
                raise DoesNotEnd(tr("no answer within {seconds:g} s", seconds=seconds))
            for key, _ in found:
                more = os.read(key.fd, _PIECE)
                key.data.extend(more)
                if not more:
                    ready.unregister(key.fileobj)
                if len(key.data) > largest:
                    raise DoesNotEnd(tr("it says more than {most:,} bytes", most=largest))
    try:
        process.wait(max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise DoesNotEnd(tr("it does not end within {seconds:g} s", seconds=seconds)) from None
    return output.decode("utf-8", "replace"), errors.decode("utf-8", "replace")
