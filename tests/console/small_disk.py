"""A disk of a few megabytes that really fills up, where this kernel lets somebody have one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_MOUNT = 'mount -t tmpfs -o size="$1" tmpfs "$2" && echo mounted && exec cat'


@dataclass
class SmallDisk:
    """The disk at `path`, which only what is run by `enter` sees under that name."""

    path: Path
    holder: int

    @property
    def seen(self) -> Path:
        """The same directory, as this process sees it."""
        return Path(f"/proc/{self.holder}/root{self.path}")

    def enter(self, *command: str) -> list[str]:
        """Return the command line that runs `command` where the disk is."""
        target = ("--target", str(self.holder), "--user", "--mount", "--preserve-credentials")
        return ["nsenter", *target, "--", *command]

    def fill(self) -> Path:
        """Take all the room there is; returns the file that has it."""
        ballast = self.seen / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(1 << 20)) == 1 << 20:
                    continue
                while file.write(bytes(4096)) == 4096:
                    continue
            except OSError:
                return ballast
        return ballast


@contextmanager
def small_disk(path: Path, size: int) -> Iterator[SmallDisk | None]:
    """Yield a disk of `size` bytes at `path`; None where none can be had."""
    try:
        holder = subprocess.Popen(
            [
                *("unshare", "--user", "--map-root-user", "--mount"),
                *("sh", "-c", _MOUNT, "sh", str(size), str(path)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    except FileNotFoundError:
        yield None
        return
    with holder:
        assert holder.stdout is not None
        try:
            mounted = holder.stdout.readline() == "mounted\n"
            yield SmallDisk(path, holder.pid) if mounted else None
        finally:
            holder.kill()
