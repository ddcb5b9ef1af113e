"""Measure what each setting of a deployment is worth until a service is ready.

    python tools/start_settings.py [--directory DIR] [--layers N] [--only TEXT]

Writes a synthetic model of about 1.1 GB, and the same prepared by `engine convert`; starts the
server again and again as the platform does, from storage as slow as a bucket is (`slow_mount.py`
and `range_server.py`: 250 MB/s in all, 60 of one stream, 50 ms), and asks `/readyz` as a start-up
probe does. One setting at a time differs from how services are deployed. Needs fuse3 of the system
and the package mfusepy.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bucket_reading import Network, served
from mount_reading import mounted
from synthetic_model import ROOT, weight_files, write_prepared_model, write_synthetic_model

TOTAL: Final = 250.0
STREAM: Final = 60.0
LATENCY: Final = 0.05
_GIVEN_UP: Final = 600.0


@dataclass(frozen=True, slots=True)
class Setting:
    """How a service is started: all as it is deployed, but for what `name` says."""

    name: str
    source: str = "mount"
    processors: int = os.cpu_count() or 1
    probe_seconds: float = 1.0
    linear: str = "packed"
    prepared: bool = False
    stream: float = STREAM


DEPLOYED: Final = Setting("as it is deployed")
SETTINGS: Final = (
    DEPLOYED,
    replace(DEPLOYED, name="one processor: no CPU boost", processors=1),
    replace(DEPLOYED, name="asked every 10 s", probe_seconds=10.0),
    replace(DEPLOYED, name="read from the bucket, not mounted", source="bucket"),
    replace(DEPLOYED, name="a mount with one stream for all", stream=STREAM / 12),
    replace(DEPLOYED, name="rounded to 8 bits at the start", linear="int8"),
    replace(DEPLOYED, name="rounded to 8 bits beforehand", linear="int8", prepared=True),
)


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--directory", type=Path, help="where the files are kept (temporary)")
    parser.add_argument("--layers", type=int, default=4, help="of the transformer, of 100 MB each")
    parser.add_argument("--only", default="", help="settings whose name contains this")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        base = given.directory or Path(scratch)
        stored, prepared = base / "stored", base / "prepared"
        write_synthetic_model(stored, given.layers)
        write_prepared_model(stored, prepared)
        print(f"{TOTAL:g} MB/s in all, {STREAM:g} of one stream, {LATENCY * 1e3:g} ms", flush=True)
        first = None
        for setting in (each for each in SETTINGS if given.only in each.name):
            models = prepared if setting.prepared else stored
            ready, known = _started(setting, models, Path(scratch))
            first = first or known
            size = sum(file.stat().st_size for file in weight_files(models)) / 1e9
            print(
                f"  {setting.name:36} {size:5.2f} GB, ready after {ready:6.2f} s, known after "
                f"{known:6.2f} s, {known / first:5.2f} x",
                flush=True,
            )
    return 0


def _started(setting: Setting, models: Path, scratch: Path) -> tuple[float, float]:
    """Return after how many seconds the server was ready, and when the probe knew."""
    with ExitStack() as stack:
        environ = dict(os.environ)
        if setting.source == "bucket":
            network = Network("", TOTAL, STREAM, LATENCY)
            server = stack.enter_context(served(models, network, None))
            environ["STORAGE_EMULATOR_HOST"] = server.url
            place = "gs://models"
        else:
            rates = (LATENCY, setting.stream, TOTAL)
            place = str(stack.enter_context(mounted(models, scratch, *rates)))
        return _watched(setting, place, environ)


def _watched(setting: Setting, place: str, environ: Mapping[str, str]) -> tuple[float, float]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "engine", "serve", "--models", place, "--port", str(port)]
    command += ["--linear", setting.linear, "--threads", str(setting.processors)]
    processors = range(setting.processors)
    command = ["taskset", "--cpu-list", ",".join(map(str, processors)), *command]
    with _running(command, environ):
        began = time.monotonic()
        ready = known = 0.0
        asked = began
        while not known and time.monotonic() - began < _GIVEN_UP:
            time.sleep(0.05)
            now = time.monotonic()
            if not ready and _is_ready(port):
                ready = now - began
            if now - asked >= setting.probe_seconds:
                asked = now
                known = now - began if ready else 0.0
        return ready, known


@contextmanager
def _running(command: Sequence[str], environ: Mapping[str, str]) -> Iterator[None]:
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            yield
        finally:
            server.kill()


def _is_ready(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
        return bool(answer.status == 200)
    return False


if __name__ == "__main__":
    sys.exit(main())
