"""Damages the headers of weight files at random and looks at what reading them does.

    python tests/fuzz/fuzz_headers.py --cases 200000 --seed 1

A file may be read or refused with a `ModelError` in one line; nothing else may be raised, no case
may take a second of processor time, nor more memory than the file has bytes and 4 MiB.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from seeds import seeds

from engine.errors import ModelError
from engine.weights import gguf
from engine.weights.discover import open_part
from engine.weights.text_encoder_layout import EncoderFile

SPARE_BYTES = 4 << 20
SECONDS = 1.0
NUMBERS = (0, 1, 2, 7, 31, 32, 255, 2**16, 2**31 - 1, 2**32 - 1, 2**40, 2**63 - 1, 2**63, 2**64 - 1)
WORDS = (
    *(b"0", b"-1", b"1e9", b"99999999999999999999", b"true", b"null", b'"', b"[", b"]", b"{"),
    *(b"}", b",", b":", b'"F32"', b'"F4"', b'"I8"', b'"shape"', b"\\ud800", b"\xff", b"[" * 2_000),
)


class Fault(Exception):
    """A case that did what no file may make the reader do."""


def bits(rng: random.Random, data: bytearray) -> None:
    for _ in range(rng.choice((1, 1, 2, 8))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def number(rng: random.Random, data: bytearray) -> None:
    width = rng.choice((1, 2, 4, 8))
    at = rng.randrange(len(data))
    value = rng.choice(NUMBERS) if rng.random() < 0.7 else rng.getrandbits(64)
    data[at : at + width] = (value % 256**width).to_bytes(width, "little")


def word(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    data[at : at + rng.choice((0, 1, 2))] = rng.choice(WORDS)
    mend_length(data)


def cut(rng: random.Random, data: bytearray) -> None:
    del data[rng.randrange(len(data)) :]


def drop(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    del data[at : at + rng.randrange(1, 64)]
    if rng.random() < 0.5:
        mend_length(data)


def repeat(rng: random.Random, data: bytearray) -> None:
    """Insert a copy of a range elsewhere; now and then many of them."""
    start, at = rng.randrange(len(data)), rng.randrange(len(data))
    piece = bytes(data[start : start + rng.randrange(1, 400)])
    data[at:at] = piece * (rng.randrange(1, 500) if rng.random() < 0.02 else 1)
    if rng.random() < 0.5:
        mend_length(data)


def grow(rng: random.Random, data: bytearray) -> None:
    """Put more bytes behind, so that what lies beyond the end is there."""
    data += bytes(rng.randrange(1, 1 << 16))


def mend_length(data: bytearray) -> None:
    """Let the length of a safetensors header span everything up to its last brace."""
    end = data.rfind(b"}") + 1
    if not data.startswith(gguf.MAGIC) and end > 8:
        data[:8] = (end - 8).to_bytes(8, "little")


MUTATIONS: tuple[Callable[[random.Random, bytearray], None], ...] = (
    *(bits, number, number, word, cut, drop, repeat, grow),
)


def damaged(rng: random.Random, whole: dict[str, bytes]) -> tuple[str, bytes]:
    """Return the name of a file and its bytes after some mutations."""
    name = rng.choice(sorted(whole))
    data = bytearray(whole[name])
    if rng.random() < 0.1:
        other = whole[rng.choice(sorted(whole))]
        at, start = rng.randrange(len(data)), rng.randrange(len(other))
        data[at:] = other[start:]
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        if data:
            rng.choice(MUTATIONS)(rng, data)
    return name, bytes(data)


def read(path: Path) -> str:
    """Read a file in every way that the engine does; return how it ended."""
    try:
        part = open_part(path)
        header = part.header
        if any(tensor.end > header.size for tensor in header.tensors.values()):
            raise Fault("a tensor lies beyond the end of the file")
        if isinstance(part, EncoderFile):
            gguf.read_strings(header, "tokenizer.ggml.tokens")
            gguf.read_integers(header, "tokenizer.ggml.token_type")
    except ModelError as refusal:
        if not str(refusal).isprintable() or len(str(refusal)) > 1_000:
            raise Fault(f"the message is no line: {str(refusal)[:80]!a}") from None
        return type(refusal).__name__
    return type(part).__name__


@contextmanager
def limited(size: int) -> Iterator[None]:
    """Raise `Fault` for too much memory, or too much processor time, even in an endless loop."""
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    peak = tracemalloc.get_traced_memory()[1] - before
    if peak > size + SPARE_BYTES:
        raise Fault(f"{peak:,} bytes of memory for a file of {size:,}")


def _too_long(number: int, frame: FrameType | None) -> None:
    raise Fault(f"more than {SECONDS} s of processor time")


def run(cases: int, seed: int, directory: Path) -> Counter[str]:
    """Try that many files; return how often each ending came. Raises `Fault` at the first fault.

    The file of the fault is kept in `directory`.
    """
    whole = seeds(directory)
    rng = random.Random(seed)
    endings: Counter[str] = Counter()
    before = signal.signal(signal.SIGPROF, _too_long)
    tracemalloc.start()
    try:
        for case in range(cases):
            name, data = damaged(rng, whole)
            path = directory / f"case{Path(name).suffix}"
            path.write_bytes(data)
            try:
                with limited(len(data)):
                    ending = read(path)
            except Exception as error:
                words = f"case {case} of seed {seed} ({name}, kept as {path})"
                raise Fault(f"{words}: {type(error).__name__}: {error}") from error
            endings[f"{name}: {ending}"] += 1
    finally:
        tracemalloc.stop()
        signal.signal(signal.SIGPROF, before)
    return endings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="fuzz-"))
    started = time.monotonic()
    try:
        endings = run(chosen.cases, chosen.seed, directory)
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    for ending, count in sorted(endings.items()):
        print(f"{count:10,}  {ending}")
    print(f"{chosen.cases:,} files in {time.monotonic() - started:,.0f} s, no fault")
    return 0


if __name__ == "__main__":
    sys.exit(main())
