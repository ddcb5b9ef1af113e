"""`zimage-console models push` as a process of its own, against the bucket behind the line."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from push_scene import BUCKET, MIB, Scene

from console.session.transfer.upload_records import UploadRecords

PATIENCE = 120.0
PART = 8 * MIB
THREADS = 8


def large_model(small: Path, directory: Path) -> Path:
    """Make a whole model with bytes enough; the engine minds none after a GGUF's last tensor."""
    directory.mkdir()
    for each in small.iterdir():
        (directory / each.name).write_bytes(each.read_bytes())
    with (directory / "tiny_z_image.gguf").open("ab") as file:
        file.write(random.Random(5).randbytes(60 * MIB))
    return directory


def size_of(models: Path) -> int:
    return sum(each.stat().st_size for each in models.iterdir())


def environment_of(at: Scene) -> dict[str, str]:
    """Return an environment in which the sandbox is the bucket behind the line."""
    state = at.folder / "home" / "zimage-console" / "sandbox"
    state.mkdir(parents=True, exist_ok=True)
    nowhere = "127.0.0.1:1"
    told = {"run": nowhere, "logging": nowhere, "http": at.line.address}
    (state / "address.json").write_text(json.dumps(told))
    home = str(at.folder / "home")
    inherited = {key: value for key, value in os.environ.items() if "ZIMAGE" not in key}
    return inherited | {"XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home}


def started(
    at: Scene, models: Path, *more: str, largest: int | None = None
) -> subprocess.Popen[str]:
    """Begin a push; it may write files of `largest` bytes at most."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "console", "models", "push", str(models), "--json"),
            *("--context", "sandbox", "--bucket", BUCKET, *more),
        ],
        env=environment_of(at),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=None if largest is None else partial(_limit, largest),
    )


def _limit(largest: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))


def until_parts_arrived(at: Scene, count: int = 1) -> None:
    """Wait until so many parts of the large file are remembered to have arrived."""
    records = UploadRecords(at.folder / "home" / "zimage-console" / "uploads")
    end = time.monotonic() + PATIENCE
    while not any(len(each.parts) >= count for each in records.of(BUCKET)):
        assert time.monotonic() < end
        time.sleep(0.01)


def said(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any], str]:
    output, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, json.loads(output or "{}"), errors


def killed_at(at: Scene, process: subprocess.Popen[str], sent: int) -> None:
    """Kill a process once so many bytes have passed the line."""
    end = time.monotonic() + PATIENCE
    while at.line.sent < sent and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.005)
    process.kill()
    process.communicate(timeout=PATIENCE)


def whole(at: Scene, models: Path) -> bool:
    for path in models.iterdir():
        blob = at.bucket.get_blob(path.name)
        data = path.read_bytes()
        if blob is None or blob.download_as_bytes() != data:
            return False
        assert blob.metadata["sha256"] == hashlib.sha256(data).hexdigest()
    return not at.leftovers()
