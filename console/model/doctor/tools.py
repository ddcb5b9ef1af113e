"""The programs that deployments are made with: gcloud, Docker, and the room that a build takes."""

from __future__ import annotations

import re
from typing import Final

from console.model.doctor.answers import Unanswered, command, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import (
    Answer,
    CacheRecord,
    Docker,
    DockerEngine,
    DockerImage,
    Program,
    Space,
)
from console.model.doctor.finding import Finding, Mend, State
from console.model.storage import size_text

GCLOUD_TRIED: Final = (528, 0, 0)
"""The oldest gcloud with which the commands told here were tried."""

DOCKER_TRIED: Final = (23, 0, 0)
"""The first Docker that builds with BuildKit by itself.

Source: https://docs.docker.com/engine/release-notes/23.0/
"""

BUILD_BYTES: Final = {False: 6_000_000_000, True: 20_000_000_000}
"""What a build takes on CPU and on GPU (`True`).

An image for GPUs has 6 to 7 GB of PyTorch and CUDA in it, and while it is built, layers and
downloads are there beside it.
"""

_VERSION: Final = re.compile(r"(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?")
_OWN: Final = re.compile(r"(?:^|[/_-])z-?image(?:[/:_-]|$)")
_OWN_CACHE: Final = re.compile(r"\bz-?image\b", re.IGNORECASE)
_MOST_IDS: Final = 50
_CLOUD_BUILD: Final = Mend(words="without Docker, Cloud Build builds images in the project")


def version_of(text: str) -> tuple[int, int, int] | None:
    """Read the numbers of a version such as `28.2.2-rc1`; None if there are none."""
    match = _VERSION.match(text)
    if match is None:
        return None
    return int(match[1]), int(match[2] or 0), int(match[3] or 0)


def gcloud(found: Answer[Program]) -> Finding:
    """Judge the gcloud program."""
    if isinstance(found, Unanswered):
        return unknown(Check.GCLOUD, found)
    if found.path is None:
        page = "https://cloud.google.com/sdk/docs/install says how"
        mend = Mend("curl -sSL https://sdk.cloud.google.com | bash", page)
        return Finding(Check.GCLOUD, State.WARNING, "it is not installed", (mend,))
    return _judged(Check.GCLOUD, found, GCLOUD_TRIED, Mend("gcloud components update"))


def docker(found: Answer[Docker]) -> Finding:
    """Judge the Docker program, and whether its engine answers."""
    if isinstance(found, Unanswered):
        return unknown(Check.DOCKER, found)
    if found.client.path is None:
        install = Mend(words="https://docs.docker.com/engine/install/ says how to install it")
        words = "it is not installed"
        return Finding(Check.DOCKER, State.WARNING, words, (install, _CLOUD_BUILD))
    if not isinstance(found.engine, DockerEngine):
        words = f"{found.client.version or 'it'}, but its engine does not answer: {found.engine}"
        start = Mend("sudo systemctl start docker")
        return Finding(Check.DOCKER, State.WARNING, words, (start, _CLOUD_BUILD))
    newer = Mend(words="https://docs.docker.com/engine/install/ says how to get a newer one")
    return _judged(Check.DOCKER, found.client, DOCKER_TRIED, newer)


def _judged(check: Check, found: Program, tried: tuple[int, int, int], newer: Mend) -> Finding:
    if found.problem:
        words = f"{found.path} does not work: {found.problem}"
        return Finding(check, State.WARNING, words, (newer,))
    version = version_of(found.version)
    if version is None:
        return Finding(check, State.UNKNOWN, f"{found.path} does not say its version")
    if version < tried:
        oldest = ".".join(map(str, tried))
        words = f"{found.version} is older than {oldest}, the oldest that was tried"
        return Finding(check, State.WARNING, words, (newer,))
    return Finding(check, State.OK, found.version)


def build_space(found: Answer[Docker], space: Answer[Space] | None, gpu: bool) -> Finding:
    """Judge the room for a build of the image for CPU or GPU, and say what could be freed.

    `space` is that of the folder in which Docker keeps everything, None if that is not here.
    """
    check = Check.BUILD_SPACE
    if isinstance(found, Unanswered):
        return unknown(check, found)
    if not isinstance(found.engine, DockerEngine):
        return Finding(check, State.NOT_ASKED, "nothing is built here without Docker's engine")
    held = _held(found.engine)
    mends = freeing(found.engine)
    if space is None:
        words = f"where Docker keeps its images cannot be seen from here{held}"
        return Finding(check, State.UNKNOWN, words, mends)
    if isinstance(space, Unanswered):
        return unknown(check, space)
    need = BUILD_BYTES[gpu]
    kind = "GPU" if gpu else "CPU"
    words = f"{size_text(space.free)} free in {space.folder}{held}"
    if space.free < need:
        words = f"{words}; a build for {kind} takes about {size_text(need)}"
        return Finding(check, State.WRONG, words, (*mends, _CLOUD_BUILD))
    return Finding(check, State.OK, f"{words}; enough for {kind}", mends)


def _held(engine: DockerEngine) -> str:
    own = [each for each in engine.images if is_own(each)]
    sizes = [each.size for each in own if each.size is not None]
    used = "" if engine.used is None else f"; Docker holds {size_text(engine.used)}"
    if not own:
        return used
    count = "1 image" if len(own) == 1 else f"{len(own)} images"
    much = f" ({size_text(sum(sizes))} with what they share)" if sizes else ""
    return f"{used}, of it {count} of this project{much}"


def is_own(image: DockerImage) -> bool:
    """Say whether an image is one of this project, by its name: `…/z-image/NAME` or `z-image`."""
    return _OWN.search(image.name.lower()) is not None


def is_own_cache(record: CacheRecord) -> bool:
    """Say whether a piece of the build cache names this project; most pieces name none."""
    return _OWN_CACHE.search(record.description) is not None


def freeing(engine: DockerEngine) -> tuple[Mend, ...]:
    """Return commands that remove this project's unused images and cache, and nothing else."""
    mends = []
    images = [each.id for each in engine.images if is_own(each) and not each.used]
    if images:
        # By identifier, so that a name that was given anew meanwhile is not removed for it.
        mends.append(
            Mend(
                command("docker", "image", "rm", *dict.fromkeys(images[:_MOST_IDS])),
                "would remove this project's images that no container uses",
            )
        )
    records = [each.id for each in engine.cache if is_own_cache(each) and not each.in_use]
    if records:
        ids = command(*dict.fromkeys(records[:_MOST_IDS]))
        mends.append(
            Mend(
                f"for id in {ids}; do docker builder prune --force --filter id=$id; done",
                "would remove the pieces of build cache that name this project, and no other",
            )
        )
    return tuple(mends)
