"""Parts of a JSON document whose form nobody vouches for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Body: TypeAlias = dict[str, object]
"""A JSON object, such as a service of the Cloud Run Admin API v2."""


def part(body: Mapping[str, object], key: str) -> Body:
    """Return the object at `key`, an empty one if there is none."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def parts(body: Mapping[str, object], key: str) -> list[Body]:
    """Return the objects of the list at `key`."""
    value = body.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text(body: Mapping[str, object], key: str) -> str:
    """Return the text at `key`, an empty one if there is none."""
    value = body.get(key)
    return value if isinstance(value, str) else ""


def whole(body: Mapping[str, object], key: str) -> int:
    """Return the whole number at `key`, 0 if there is none; Google writes long ones as text."""
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    try:
        return int(value)
    except (ValueError, OverflowError):
        return 0


def seconds(body: Mapping[str, object], key: str) -> int:
    """Return a duration such as `300s` in whole seconds, 0 if there is none."""
    written = text(body, key)
    try:
        return int(float(written.removesuffix("s"))) if written.endswith("s") else 0
    except (ValueError, OverflowError):
        return 0


def serving(containers: list[Body]) -> Body:
    """Return the container that takes the requests: the one with a port, else the first."""
    first = containers[0] if containers else {}
    return next((each for each in containers if parts(each, "ports")), first)
