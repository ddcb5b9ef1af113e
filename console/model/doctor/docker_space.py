"""The room that a build of an image takes, and what of Docker's could be freed for it.

Only what is this project's own is ever offered: images by the title that their labels bear, and
cache mounts by the identifier that the build gave them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from console.language import tr, tr_many
from console.model.doctor.answers import Unanswered, command, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import (
    Answer,
    CacheRecord,
    Docker,
    DockerEngine,
    DockerImage,
    Space,
)
from console.model.doctor.finding import Finding, Mend, State
from console.model.doctor.tools import CLOUD_BUILD
from console.model.storage import size_text
from console.model.text import SafeText

BUILD_BYTES: Final = {False: 6_000_000_000, True: 20_000_000_000}
"""What a build takes on CPU and on GPU (`True`).

An image for GPUs has 6 to 7 GB of PyTorch and CUDA in it, and while it is built, layers and
downloads are there beside it.
"""

_TITLE: Final = re.compile(r"zimage-engine(?:-[a-z0-9-]+)?|Z-Image engine for (?:NVIDIA )?[CG]PUs")
"""What the project's Dockerfiles call their images."""

_CACHE_MOUNT: Final = re.compile(
    r'cached mount \S+ from .* with id "(?:[^"/]+/)*zimage-[\w.-]+"', re.DOTALL
)
"""How BuildKit describes a cache mount, with the identifier at the end.

Source: https://github.com/moby/buildkit/blob/master/solver/llbsolver/mounts/mount.go.
"""

_RECORD: Final = re.compile(r"[0-9a-z]{20,40}")
"""An identifier that is long enough: Docker takes one in a filter as a part of others too."""

_MOST_IDS: Final = 50
_MOST_NAMES: Final = 3


def build_space(found: Answer[Docker], space: Answer[Space] | None, gpu: bool) -> Finding:
    """Judge the room for a build of the image for CPU or GPU, and say what could be freed.

    `space` is that of the folder in which Docker keeps everything, None if that is not here.
    """
    check = Check.BUILD_SPACE
    if isinstance(found, Unanswered):
        return unknown(check, found)
    if not isinstance(found.engine, DockerEngine):
        return Finding(check, State.NOT_ASKED, tr("nothing is built here without Docker's engine"))
    held = _held(found.engine)
    mends = freeing(found.engine)
    if space is None:
        words = tr("where Docker keeps its images cannot be seen from here")
        return Finding(check, State.UNKNOWN, tr("; ").join([words, *held]), mends)
    if isinstance(space, Unanswered):
        return unknown(check, space)
    need = BUILD_BYTES[gpu]
    kind, free = "GPU" if gpu else "CPU", size_text(space.free)
    if space.free < need:
        words = tr(
            "{free} free in {folder}, a build for {kind} takes about {need}",
            free=free,
            folder=space.folder,
            kind=kind,
            need=size_text(need),
        )
        found_words = tr("; ").join([words, *held])
        return Finding(check, State.WRONG, found_words, (*mends, CLOUD_BUILD.said))
    words = tr(
        "{free} free in {folder}, enough for {kind}", free=free, folder=space.folder, kind=kind
    )
    return Finding(check, State.OK, tr("; ").join([words, *held]), mends)


def _held(engine: DockerEngine) -> list[str]:
    """Say what `docker system df` does, and how much of it is this project's."""
    if engine.silent:
        return [tr("what Docker holds is not known: {why}", why=engine.silent)]
    own = [each.size for each in engine.images if is_own(each)]
    kinds = tr(", ").join(f"{each.kind} {size_text(each.bytes)}" for each in engine.kept)
    used = [tr("Docker holds {kinds}", kinds=kinds)] if kinds else []
    return [*used, *([_of_this_project(own)] if own else [])]


def _of_this_project(sizes: Sequence[int | None]) -> str:
    known = [size for size in sizes if size is not None]
    if not known:
        return tr_many("1 image of this project", "{count} images of this project", len(sizes))
    return tr_many(
        "1 image of this project ({size} with what they share)",
        "{count} images of this project ({size} with what they share)",
        len(sizes),
        size=size_text(sum(known)),
    )


def is_own(image: DockerImage) -> bool:
    """Say whether an image is this project's: by its title, which the build writes into it."""
    return _TITLE.fullmatch(image.title) is not None


def is_own_cache(record: CacheRecord) -> bool:
    """Say whether a piece of build cache is a cache mount of this project's builds.

    Docker says of no other piece whose it is, and old engines say so of none.
    """
    return record.mount and _CACHE_MOUNT.fullmatch(record.description) is not None


def freeing(engine: DockerEngine) -> tuple[Mend, ...]:
    """Return commands that remove this project's unused images and cache, and nothing else."""
    return (*_images_away(engine.images), *_cache_away(engine.cache))


def _images_away(images: Sequence[DockerImage]) -> tuple[Mend, ...]:
    offered = [each for each in images if is_own(each) and not each.used][:_MOST_IDS]
    if not offered:
        return ()
    called = [
        each.names[0] if each.names else tr("{title} without a name", title=each.title)
        for each in offered
    ]
    names = tr(", ").join(called[:_MOST_NAMES])
    if len(called) > _MOST_NAMES:
        names = tr("{names} and {more} more", names=names, more=len(called) - _MOST_NAMES)
    words = tr(
        "would remove {names}, which no container uses: at most {size}, less what is shared",
        names=names,
        size=size_text(sum(each.size or 0 for each in offered)),
    )
    references = [name for each in offered for name in _references(each)]
    return (Mend(command("docker", "image", "rm", *references), words),)


def _references(image: DockerImage) -> tuple[SafeText, ...]:
    """Return by what an image is removed: its identifier, so that nothing else is meant.

    Docker refuses that where the image has several names; then it is by all of them.
    """
    return image.names if len(image.names) > 1 else (image.id,)


def _cache_away(cache: Sequence[CacheRecord]) -> tuple[Mend, ...]:
    own = [
        each
        for each in cache
        if is_own_cache(each) and not each.in_use and _RECORD.fullmatch(each.id)
    ][:_MOST_IDS]
    if not own:
        return ()
    prune = "docker builder prune --force --filter id="
    ids = command(*dict.fromkeys(each.id for each in own))
    line = f"for id in {ids}; do {prune}$id; done" if len(own) > 1 else prune + ids
    words = tr_many(
        "would remove 1 cache mount of this project's builds ({size}), and no other piece of cache",
        "would remove {count} cache mounts of this project's builds ({size}), "
        "and no other piece of cache",
        len(own),
        size=size_text(sum(each.size or 0 for each in own)),
    )
    return (Mend(line, words),)
