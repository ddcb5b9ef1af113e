"""What importing the heavy libraries reads of them, read beforehand by several threads.

An import opens hundreds of small files and touches parts of large ones, one after another. Where
each of that takes milliseconds, as in an image that is streamed while its container runs, most of
an import is waiting. Whoever builds an image has a list of it made once:

    python -m engine.libraries

It is written beside this file; without it nothing is read, since a disk gains nothing by it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

LISTING: Final = Path(__file__).with_name("libraries.txt")
THREADS: Final = 12

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_PRESENT: Final = 1 << 63
# One read of so much costs less than two that leave out what lies between.
_GAP: Final = 256 << 10
_PIECE: Final = 4 << 20


class Extent(NamedTuple):
    """Some bytes of a file; none where it is only looked at."""

    path: str
    offset: int
    size: int


def read_ahead(listing: Path = LISTING) -> list[threading.Thread]:
    """Begin to read what is listed, and return the threads that do; does nothing without a list.

    What cannot be read is left out: whoever imports it will say so.
    """
    try:
        lines = listing.read_text("utf-8").splitlines()
    except OSError:
        return []
    waiting = deque(extent for line in lines for extent in _pieces(line))
    threads = [
        threading.Thread(target=_read, args=(waiting,), name="engine-libraries", daemon=True)
        for _ in range(min(THREADS, len(waiting)))
    ]
    for thread in threads:
        thread.start()
    return threads


def used() -> Iterator[Extent]:
    """Import what serving imports, and yield what was read of it, shared objects first."""
    import engine.pipeline  # noqa: F401

    with suppress(OSError):
        # Where the system does not tell, modules alone are listed.
        yield from _mapped()
    for module in list(sys.modules.values()):
        spec = getattr(module, "__spec__", None)
        source, cached = getattr(spec, "origin", None), getattr(spec, "cached", None)
        if source and cached and os.path.isfile(cached):
            # An import asks for the age of the source, too.
            yield Extent(source, 0, 0)
            yield Extent(cached, 0, os.path.getsize(cached))


def _read(waiting: deque[Extent]) -> None:
    buffer = memoryview(bytearray(_PIECE))
    with suppress(IndexError):
        while True:
            extent = waiting.popleft()
            with suppress(OSError):
                _read_one(extent, buffer)


def _read_one(extent: Extent, buffer: memoryview) -> None:
    if not extent.size:
        os.stat(extent.path)
        return
    descriptor = os.open(extent.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.preadv(descriptor, [buffer[: extent.size]], extent.offset)
    finally:
        os.close(descriptor)


def _pieces(line: str) -> Iterator[Extent]:
    """Yield what a line of the list asks for, in pieces; nothing for a line that is damaged."""
    with suppress(ValueError):
        offset, size, path = line.split(" ", 2)
        end = int(offset) + int(size)
        if not int(size):
            yield Extent(path, 0, 0)
        for start in range(int(offset), end, _PIECE):
            yield Extent(path, start, min(_PIECE, end - start))


def _mapped() -> Iterator[Extent]:
    """Yield the pages of shared objects that are in memory, by /proc/self; see proc(5)."""
    mappings = Path("/proc/self/maps").read_text("utf-8").splitlines()
    with open("/proc/self/pagemap", "rb", buffering=0) as pages:
        for fields in (line.split(maxsplit=5) for line in mappings):
            if len(fields) < 6 or ".so" not in os.path.basename(fields[5]):
                continue
            begin, end = (int(address, 16) // _PAGE for address in fields[0].split("-"))
            known = os.pread(pages.fileno(), 8 * (end - begin), 8 * begin)
            present = [
                int(fields[2], 16) + index * _PAGE
                for index, entry in enumerate(memoryview(known).cast("Q"))
                if entry & _PRESENT
            ]
            yield from _joined(fields[5], present)


def _joined(path: str, pages: list[int]) -> Iterator[Extent]:
    """Yield stretches of pages, given by their offsets in order, of a file."""
    begin = end = -1
    for page in pages:
        if begin < 0 or page - end > _GAP:
            if begin >= 0:
                yield Extent(path, begin, end - begin)
            begin = page
        end = page + _PAGE
    if begin >= 0:
        yield Extent(path, begin, end - begin)


def main() -> None:
    """Write the list."""
    extents = list(used())
    lines = (f"{offset} {size} {path}\n" for path, offset, size in extents)
    LISTING.write_text("".join(lines), "utf-8")
    total = sum(extent.size for extent in extents)
    print(f"{len(extents)} parts of files, {total / 1e6:.0f} MB: {LISTING}")


if __name__ == "__main__":
    main()
