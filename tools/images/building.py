"""Builds an image with the command of the guide, and says how large each of its layers is."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from images.docker_engine import Docker
from images.failure import CheckFailed
from images.machine import program

# Files that operators have lying about, and that must not get into a build.
DECOYS: Final = ("z_image_turbo-Q4_K.gguf", "engine/ae.safetensors", ".venv/lib/torch.so")
_DECOY_BYTES: Final = 64 << 20
_LEFT_OUT: Final = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")
_UNITS: Final = {"B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: what made it, and its bytes unpacked."""

    made_by: str
    size: int


@dataclass(frozen=True, slots=True)
class Built:
    """An image: its size unpacked in bytes, what was sent to build it, and the seconds it took.

    A second build is sent only what has changed since the first: next to nothing.
    """

    what: str
    size: int
    context: int
    seconds: float
    layers: tuple[Layer, ...]


def lay_out_context(root: Path, scratch: Path) -> Path:
    """Return a copy of the project with large files in it that must stay out of every image."""
    context = scratch / "context"
    shutil.copytree(root, context, ignore=_LEFT_OUT, symlinks=True)
    for name in DECOYS:
        path = context / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(_DECOY_BYTES)
    return context


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder of wheels on this machine for as long as a build takes; yields its address."""
    handler = functools.partial(_QuietHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, name="wheels", daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the build's own log is enough."""


def build(
    docker: Docker, context: Path, dockerfile: str, tag: str, arguments: Sequence[str], log: Path
) -> Built:
    """Build `dockerfile` in `context` as `tag`; raises `CheckFailed` with the line that says why.

    `arguments` are build arguments, `NAME=VALUE`; what the build says goes into `log`.
    """
    # The engine has no way out of its own, so that steps use the machine's network.
    command = ["build", "--platform", "linux/amd64", "-f", dockerfile, "-t", tag, "."]
    extra = ["--network", "host", "--progress", "plain"]
    extra += [word for each in arguments for word in ("--build-arg", each)]
    began = time.monotonic()
    with log.open("w") as file:
        done = subprocess.run(
            [program("docker"), command[0], *extra, *command[1:]],
            cwd=context,
            env=docker.environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    seconds = time.monotonic() - began
    said = log.read_text(errors="replace")
    if done.returncode:
        raise CheckFailed(f"{dockerfile} does not build: {reason_in(said)}")
    size = int(docker("image", "inspect", "--format", "{{.Size}}", tag))
    what = ", ".join([dockerfile, *(each for each in arguments if "://" not in each)])
    return Built(what, size, context_bytes(said), seconds, _layers(docker, tag))


def context_bytes(log: str) -> int:
    """Return how many bytes a build's log says were sent."""
    sent = re.findall(r"transferring context: ([0-9.]+)([kMG]?B) (?:[0-9.]+s )?done", log)
    return round(sum(float(number) * _UNITS[unit] for number, unit in sent))


def reason_in(log: str) -> str:
    """Return the line of a failed build's log that says most."""
    lines = [re.sub(r"^#\d+ ([0-9.]+ )?", "", line).strip() for line in log.splitlines()]
    told = [line for line in lines if re.match(r"(error|ERROR)\b|.*[Ee]rror: ", line)]
    return f"{(told or [line for line in lines if line] or ['no reason given'])[0]:.300}"


def _layers(docker: Docker, tag: str) -> tuple[Layer, ...]:
    listing = docker("history", "--no-trunc", "--human=false", "--format", _HISTORY, tag)
    layers = []
    for line in reversed(listing.splitlines()):
        size, _, made_by = line.partition("\t")
        if int(size):
            layers.append(Layer(shortened(made_by), int(size)))
    return tuple(layers)


_HISTORY: Final = "{{.Size}}\t{{.CreatedBy}}"


def shortened(made_by: str) -> str:
    """Return the instruction behind a layer in a few words."""
    words = re.sub(r"^(RUN )?/bin/sh -c (#\(nop\) )?|# buildkit$", "", made_by).split()
    return " ".join(words[:3]) if words else "base"
