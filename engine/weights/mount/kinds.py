"""Which directories lie on a mount that answers over a network."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

# Kinds of file systems whose bytes come from a disk or memory of this machine. Everything else is
# FUSE, a network's, or what a sandbox puts between.
_HERE: Final = frozenset(
    {"apfs", "bcachefs", "btrfs", "erofs", "ext2", "ext3", "ext4", "exfat", "f2fs", "fuseblk"}
    | {"hfs", "iso9660", "jfs", "ntfs", "ntfs3", "overlay", "ramfs", "rootfs", "squashfs"}
    | {"tmpfs", "vfat", "xfs", "zfs"}
)
_OCTAL: Final = re.compile(r"\\([0-7]{3})")


def is_remote(directory: Path, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Say whether the bytes of a directory come over a network, as far as that can be known.

    `mounts` is in the form of proc_pid_mountinfo(5); without it the answer is no.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    kind = _kind_of(os.path.realpath(directory), lines)
    return kind is not None and kind not in _HERE


def _kind_of(path: str, lines: Iterable[str]) -> str | None:
    found, longest = None, -1
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        point = _OCTAL.sub(lambda code: chr(int(code[1], 8)), fields[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        # Of two on the same point the later one hides the other.
        if inside and len(point) >= longest:
            found, longest = after.split()[0], len(point)
    return found
