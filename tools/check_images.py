"""Builds the container images and runs them as Cloud Run would.

    python tools/check_images.py [--keep] [--gpu-torch]

Starts a Docker engine of its own, builds both Dockerfiles with a base image that it makes if no
registry answers, and runs the CPU image four times: with the models at `/models`, at `/app`,
behind a slow mount, and by its digest from a registry. Each run must get ready, make the same
picture, and end within 8 seconds of SIGTERM.

Takes about two minutes and 5 GB of disk. Needs root, and on Debian installs what it lacks; where
that cannot be, it says so and ends well. Exits with 1 and one line if something is not as it
should be.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from environment import find_uv, nearest_torch_wheel
from images.base_image import provide_base
from images.building import DECOYS, Built, build, lay_out_context, served
from images.contents import check_contents
from images.docker_engine import Docker, running_engine
from images.failure import CannotCheck, CheckFailed
from images.local_registry import push, running_registry
from images.machine import prepare
from images.report import Measured, broken_limits, table
from images.serving import Served, model_volume, serve_once
from images.slow_storage import slow_mount

ROOT: Final = Path(__file__).resolve().parent.parent
MODELS: Final = ROOT / "engine" / "demo" / "files"
CPU: Final = "z-image:cpu"
GPU: Final = "z-image:gpu"
_CPU_WHEELS: Final = "https://download.pytorch.org/whl/cpu/torch/"
# Docker's data are gigabytes; what is in memory elsewhere is on disk here.
SCRATCH: Final = Path("/var/tmp")


def main() -> int:
    """Check; return the exit code."""
    arguments = _arguments()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupt)
    try:
        prepare()
        with _scratch(arguments.scratch) as scratch:
            measured = check(scratch, arguments)
    except CannotCheck as reason:
        print(f"images not checked: {reason}")
        return 0
    except CheckFailed as reason:
        print(f"images: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("images: interrupted; what was started is ended", file=sys.stderr)
        return 130
    print(f"\n{table(measured)}\n")
    broken = broken_limits(measured)
    for line in broken:
        print(f"images: {line}", file=sys.stderr)
    return 1 if broken else 0


def check(scratch: Path, arguments: argparse.Namespace) -> Measured:
    """Build and run everything; raises `CheckFailed` or `CannotCheck`."""
    with ExitStack() as stack:
        with _step("a Docker engine"):
            docker = stack.enter_context(running_engine(scratch))
        with _step("the base image") as say:
            say(provide_base(docker, scratch, _kept_base() if arguments.keep else None))
        cpu, gpu = _build_both(docker, scratch, gpu_torch=arguments.gpu_torch)
        with _step("what is in them") as say:
            for tag in (CPU, GPU):
                say(check_contents(docker, tag, DECOYS, _version()))
        runs = _run_mounted(docker, scratch)
        with _step("pushed to a registry"):
            registry = stack.enter_context(running_registry(scratch))
            pushed = push(docker, CPU, registry)
        runs.append(
            _run(docker, pushed.by_digest, "by its digest", model_volume(MODELS, "/models"))
        )
        return Measured(cpu, gpu, pushed.size, tuple(runs))


def _build_both(docker: Docker, scratch: Path, *, gpu_torch: bool) -> tuple[Built, Built]:
    with _step("a copy of the project, with model files lying about in it"):
        context = lay_out_context(ROOT, scratch)
    wheel = nearest_torch_wheel()
    with ExitStack() as stack:
        nearest = []
        if wheel is not None:
            nearest = [f"TORCH_WHEELS={stack.enter_context(served(wheel.parent))}"]
        # The GPU image's steps are built with the small torch, unless the real one is asked for.
        instead = (
            [] if gpu_torch else ["TORCH_BUILD=+cpu", *(nearest or [f"TORCH_WHEELS={_CPU_WHEELS}"])]
        )
        with _step("Dockerfile.optimized"):
            cpu = build(docker, context, "Dockerfile.optimized", CPU, nearest, scratch / "cpu.log")
        with _step("Dockerfile.gpu" if gpu_torch else "Dockerfile.gpu, with a torch for CPUs"):
            gpu = build(docker, context, "Dockerfile.gpu", GPU, instead, scratch / "gpu.log")
    return cpu, gpu


def _run_mounted(docker: Docker, scratch: Path) -> list[Served]:
    runs = [
        _run(docker, CPU, "models at /models", model_volume(MODELS, "/models")),
        _run(docker, CPU, "models at /app", model_volume(MODELS, "/app"), busy_at_end=True),
    ]
    with slow_mount(find_uv(), ROOT / "constraints.txt", MODELS, scratch) as slow:
        runs.append(_run(docker, CPU, "from a slow mount", model_volume(slow, "/models")))
    return runs


def _run(docker: Docker, image: str, how: str, volume: str, *, busy_at_end: bool = False) -> Served:
    with _step(f"run, {how}"):
        return serve_once(docker, image, how, volume, busy_at_end=busy_at_end)


def _version() -> str:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def _kept_base() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "zimage-images" / "base.tar"


@contextmanager
def _scratch(inside: Path) -> Iterator[Path]:
    """Make a folder for everything, and take it away with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix="zimage-images-", dir=inside))
    try:
        yield folder
    finally:
        with _step("everything taken away"):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _step(name: str) -> Iterator[Callable[[str], None]]:
    """Print a line for what is done, with its seconds; yields how to say more about it."""
    began, more = time.monotonic(), list[str]()
    print(f"{name} ...", end="", flush=True)
    try:
        yield more.append
    except BaseException:
        print(flush=True)
        raise
    said = f" ({'; '.join(more)})" if more else ""
    print(f" {time.monotonic() - began:.1f} s{said}", flush=True)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    # What is ended now must not be left half ended by whoever is impatient.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Build the container images and run them.")
    parser.add_argument(
        "--keep", action="store_true", help="keep the base for the next run, or use it"
    )
    parser.add_argument(
        "--gpu-torch", action="store_true", help="build the GPU image with its own torch, gigabytes"
    )
    parser.add_argument(
        "--scratch", type=Path, default=SCRATCH, help="a folder on a disk with 10 GB to spare"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
