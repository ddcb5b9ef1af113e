"""What Docker keeps, read from what `docker system df` prints in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from console.language import tr, tr_later
from console.model.doctor.facts import CacheRecord, DockerImage, Kept
from console.model.text import SafeText
from console.sources.programs import Json, json_in, objects_in, text_in
from console.terminal.sanitise import sanitise

_SIZE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?([kMGT]?)B")
_FACTORS: Final = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
TITLE: Final = "org.opencontainers.image.title"
"""The label with which an image says what it is.

Source: https://github.com/opencontainers/image-spec/blob/main/annotations.md.
"""

_NO_NAME: Final = "<none>"
_MOUNT: Final = "exec.cachemount"
_KINDS: Final = {
    "Images": tr_later("images"),
    "Containers": tr_later("containers"),
    "Local Volumes": tr_later("volumes"),
    "Build Cache": tr_later("build cache"),
}


@dataclass(frozen=True, slots=True)
class Stock:
    """All that Docker keeps, as far as it matters."""

    images: tuple[DockerImage, ...] = ()
    cache: tuple[CacheRecord, ...] = ()
    kept: tuple[Kept, ...] = ()


def stock(each: Json, sums: Iterable[bytes], labelled: Iterable[bytes]) -> Stock:
    """Read the long answer, the lines of the short one, and a line for each image with a title."""
    known = {text_in(said, "id"): said for said in map(json_in, labelled)}
    return Stock(
        images=tuple(
            image for item in objects_in(each, "Images") if (image := _image(item, known))
        ),
        cache=tuple(record for item in objects_in(each, "BuildCache") if (record := _record(item))),
        kept=tuple(kept for line in sums if (kept := _kept(json_in(line)))),
    )


def _kept(item: Json) -> Kept | None:
    kind, size = _KINDS.get(text_in(item, "Type")), _size(text_in(item, "Size"))
    return None if kind is None or size is None else Kept(sanitise(tr(kind)), size)


def _image(item: Json, labelled: Mapping[str, Json]) -> DockerImage | None:
    identifier = text_in(item, "ID")
    if not identifier:
        return None
    said = labelled.get(identifier, {})
    labels = said.get("labels")
    return DockerImage(
        id=sanitise(identifier.removeprefix("sha256:")[:12]),
        size=_size(text_in(item, "Size")),
        # What cannot be told from the count counts as used, so that nothing is offered for it.
        used=text_in(item, "Containers") != "0",
        title=sanitise(text_in(labels, TITLE) if isinstance(labels, dict) else ""),
        names=_names(said),
    )


def _names(said: Json) -> tuple[SafeText, ...]:
    """Return all that an image is known by: its tags, and digests of repositories without one."""
    tags, digests = (_texts(said.get(key)) for key in ("tags", "digests"))
    tagged = {each.rpartition(":")[0] for each in tags}
    others = [each for each in digests if each.partition("@")[0] not in tagged]
    return tuple(sanitise(each) for each in (*tags, *others) if _NO_NAME not in each)


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _record(item: Json) -> CacheRecord | None:
    identifier = text_in(item, "ID")
    if not identifier.isalnum():
        return None
    return CacheRecord(
        id=sanitise(identifier),
        description=sanitise(text_in(item, "Description")),
        size=_size(text_in(item, "Size")),
        in_use=text_in(item, "InUse") != "false",
        mount=text_in(item, "CacheType") == _MOUNT,
    )


def _size(text: str) -> int | None:
    """Read a size as Docker writes it for people, such as `1.5GB`; None if it is none."""
    match = _SIZE.fullmatch(text.strip())
    return None if match is None else int(float(match[1]) * _FACTORS[match[2]])
