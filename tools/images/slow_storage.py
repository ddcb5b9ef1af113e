"""Holds the slow mount up for as long as a container needs it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from images.failure import CheckFailed
from images.machine import program

LATENCY: Final = 0.03
BANDWIDTH: Final = 4e6
_MOUNT_SECONDS: Final = 60.0
_SCRIPT: Final = Path(__file__).parent.parent / "slow_mount.py"


@contextmanager
def slow_mount(uv: str, constraints: Path, source: Path, scratch: Path) -> Iterator[Path]:
    """Show `source` through a slow mount; yields where. Raises `CheckFailed` if that fails."""
    mountpoint = scratch / "slow"
    mountpoint.mkdir()
    log = scratch / "slow.log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            _command(uv, constraints, source, mountpoint),
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        _wait_until_mounted(server, mountpoint, log)
        yield mountpoint
    finally:
        unmount = [program("fusermount3"), "-u", "-z", str(mountpoint)]
        subprocess.run(unmount, capture_output=True, check=False)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.terminate()
            server.wait()


def _command(uv: str, constraints: Path, source: Path, mountpoint: Path) -> list[str]:
    installed = ["--quiet", "--constraints", str(constraints), "--with", "mfusepy"]
    speed = [f"--latency={LATENCY}", f"--total={BANDWIDTH}"]
    script = ["python", str(_SCRIPT), str(source), str(mountpoint), *speed]
    return [uv, "tool", "run", *installed, *script]


def _wait_until_mounted(server: subprocess.Popen[bytes], mountpoint: Path, log: Path) -> None:
    deadline = time.monotonic() + _MOUNT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if mountpoint.is_mount():
            return
        time.sleep(0.05)
    lines = log.read_text(errors="replace").strip().splitlines() or ["it says nothing"]
    raise CheckFailed(f"the slow mount does not come up: {lines[-1]:.300}")
