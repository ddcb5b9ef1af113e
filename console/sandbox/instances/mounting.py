"""Buckets as instances see them: a path in a container stands for a directory of the sandbox's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from google.cloud.run_v2.types import Container, Revision

_OF_THE_IMAGE: Final = ("/models", "/app")
"""Where an image of this project looks for models, one after the other, if nobody says."""

_NOBODY: Final = "127.0.0.1:9"


def mounted(
    revision: Revision, container: Container, directory_of: Callable[[str], Path | None]
) -> Mapping[str, Path]:
    """Return which directories a container sees, by the path at which it sees them.

    There is no such directory while there is no such bucket.
    """
    buckets = {volume.name: volume.gcs.bucket for volume in revision.volumes if volume.gcs.bucket}
    found: dict[str, Path] = {}
    for mount in container.volume_mounts:
        directory = directory_of(buckets.get(mount.name, ""))
        if directory is not None:
            found[mount.mount_path.rstrip("/")] = directory
    return found


def inside(mounts: Mapping[str, Path], value: str) -> str:
    """Return a value of the environment, with the directory that it names as it is out here.

    A process of the sandbox has no file system of its own.
    """
    for path, directory in mounts.items():
        if value.rstrip("/") == path or value.startswith(f"{path}/"):
            return str(directory) + value.removeprefix(path).rstrip("/")
    return value


def of_the_image(mounts: Mapping[str, Path]) -> Mapping[str, str]:
    """Return the variables that an image of this project has by itself, as they are out here.

    Without a bucket where it looks for models there are none: the bundled model has to do.
    """
    found = next((mounts[path] for path in _OF_THE_IMAGE if path in mounts), None)
    return {} if found is None else {"ZIMAGE_MODELS": str(found)}


def buckets_at(address: str) -> Mapping[str, str]:
    """Return the variables by which a container that reads a bucket itself finds the sandbox's.

    `address` is empty as long as nothing answers: it must never be Google's own instead.
    """
    return {"STORAGE_EMULATOR_HOST": f"http://{address or _NOBODY}"}
