"""All that a sandbox keeps, without what is different each time: times, ports, and random names."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_FLEETING = frozenset(
    {
        *("uid", "etag", "createTime", "updateTime", "lastTransitionTime", "uri", "urls", "ports"),
        *("uniqueId", "oauth2ClientId", "uploadTime", "buildTime", "startTime", "finishTime", "id"),
        *("created", "updated", "lockedTime", "effectiveTime", "generation", "content"),
        "parts_tag",
    }
)
_REVISION = re.compile(r"-(\d{5})-[0-9a-z]{3}\b")
_TOOK = re.compile(r"\bin [0-9.]+s\b")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def whole_state(directory: Path) -> Mapping[str, object]:
    """Return what a sandbox keeps in its directory: each value by the way to it."""
    return dict(_flat("", _kept(directory)))


def differing(one: Mapping[str, object], other: Mapping[str, object]) -> dict[str, object]:
    """Return what is not the same in two states, by the way to it."""
    return {
        way: (one.get(way), other.get(way))
        for way in sorted({*one, *other})
        if one.get(way) != other.get(way)
    }


def _kept(directory: Path) -> Mapping[str, Any]:
    services = json.loads((directory / "services.json").read_text())
    platform = json.loads((directory / "platform.json").read_text())
    return {
        "services": {
            _plain(each["service"]["name"]): _deployment(each) for each in services["deployments"]
        },
        **{
            kind: _plain(platform[kind])
            for kind in ("disabled", "repositories", "images", "accounts")
        },
        "built": sum(each["status"] == "SUCCESS" for each in platform["builds"].values()),
        **_storage(directory / "storage" / "catalogue.sqlite"),
    }


def _deployment(kept: Mapping[str, Any]) -> object:
    """Return a service; its generation says how often it was changed."""
    changes = kept["service"]["generation"]
    return _plain({**kept, "changes": changes})


def _storage(catalogue: Path) -> Mapping[str, object]:
    connection = sqlite3.connect(catalogue)
    try:
        buckets = connection.execute("SELECT name, record FROM buckets").fetchall()
        objects = connection.execute(
            "SELECT bucket, name, record FROM versions WHERE state = 'live'"
        ).fetchall()
        (uploads,) = connection.execute("SELECT COUNT(*) FROM uploads").fetchone()
    finally:
        connection.close()
    return {
        "buckets": {name: _plain(json.loads(record)) for name, record in buckets},
        "objects": {f"{bucket}/{name}": _plain(json.loads(it)) for bucket, name, it in objects},
        "uploads": uploads,
    }


def _flat(way: str, value: Any) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict) and value:
        for name, it in value.items():
            yield from _flat(f"{way}/{name}", it)
    elif isinstance(value, list) and value:
        for number, it in enumerate(value):
            yield from _flat(f"{way}/{number}", it)
    else:
        yield way, value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {_plain(name): _plain(it) for name, it in value.items() if name not in _FLEETING}
        return dict(sorted(kept.items()))
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return _TOOK.sub("in …", _UUID.sub("…", _REVISION.sub(r"-\1", value)))
    return value
