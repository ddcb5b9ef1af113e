"""The buckets that instances see as directories, in the template of a service.

Source: https://cloud.google.com/run/docs/configuring/services/cloud-storage-volume-mounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.model.deploy.body_parts import Body, part, parts, text
from console.model.deploy.settings import Mount

VOLUME: Final = "models"


def mounts_of(template: Mapping[str, object], container: Mapping[str, object]) -> tuple[Mount, ...]:
    """Return the buckets that a container sees."""
    buckets = _buckets(template)
    return tuple(
        _mount(buckets[text(each, "name")], text(each, "mountPath"))
        for each in parts(container, "volumeMounts")
        if text(each, "name") in buckets
    )


def write_mounts(template: Body, container: Body, mounts: tuple[Mount, ...]) -> None:
    """Let a container see these buckets and no others; its other volumes stay.

    A bucket that stays where it is keeps its volume's name, so that nothing looks changed.
    """
    buckets = _buckets(template)
    before = parts(container, "volumeMounts")
    by_path = {text(each, "mountPath"): each for each in before if text(each, "name") in buckets}
    others = [each for each in before if text(each, "name") not in buckets]
    elsewhere = _seen_by_others(template, container)
    kept = [
        each
        for each in parts(template, "volumes")
        if text(each, "name") not in buckets or text(each, "name") in elsewhere
    ]
    taken = {text(each, "name") for each in kept}
    made: list[Body] = []
    seen: list[Body] = []
    for mount in mounts:
        old = by_path.get(mount.path, {})
        name = _free_name(text(old, "name"), taken)
        taken.add(name)
        made.append(_volume(name, mount, buckets.get(name, {})))
        seen.append({**old, "name": name, "mountPath": mount.path})
    _put(template, "volumes", [*kept, *made])
    _put(container, "volumeMounts", [*others, *seen])


def volume_names(count: int) -> tuple[str, ...]:
    """Return what so many volumes are called in a service that is new."""
    return tuple(VOLUME if number == 1 else f"{VOLUME}-{number}" for number in range(1, count + 1))


def _buckets(template: Mapping[str, object]) -> dict[str, Body]:
    """Return the volumes that are buckets, by their names."""
    return {
        text(each, "name"): part(each, "gcs")
        for each in parts(template, "volumes")
        if part(each, "gcs")
    }


def _mount(bucket: Body, path: str) -> Mount:
    options = bucket.get("mountOptions")
    return Mount(
        bucket=text(bucket, "bucket"),
        path=path,
        read_only=bucket.get("readOnly") is True,
        options=tuple(map(str, options)) if isinstance(options, list) else (),
    )


def _volume(name: str, mount: Mount, before: Body) -> Body:
    bucket: Body = {**before, "bucket": mount.bucket, "readOnly": mount.read_only}
    bucket.pop("mountOptions", None)
    if mount.options:
        bucket["mountOptions"] = list(mount.options)
    return {"name": name, "gcs": bucket}


def _seen_by_others(template: Body, container: Body) -> set[str]:
    """Return the names of the volumes that other containers mount."""
    return {
        text(mount, "name")
        for each in parts(template, "containers")
        if each is not container
        for mount in parts(each, "volumeMounts")
    }


def _free_name(old: str, taken: set[str]) -> str:
    if old and old not in taken:
        return old
    name, number = VOLUME, 1
    while name in taken:
        number += 1
        name = f"{VOLUME}-{number}"
    return name


def _put(body: Body, key: str, value: list[Body]) -> None:
    if value:
        body[key] = value
    else:
        body.pop(key, None)
