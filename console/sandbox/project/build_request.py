"""What a build is asked to do: checked, and with its substitutions put in.

Source: https://cloud.google.com/build/docs/configuring-builds/substitute-variable-values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from console.sandbox.json_calls import JsonObject, an_object, objects, text
from console.sandbox.run.refused import invalid

LONGEST_SECONDS: Final = 86_400.0
_DEFAULT_SECONDS: Final = 3_600.0
_USER_KEY: Final = re.compile(r"_[A-Z0-9_]{1,99}")
_VARIABLE: Final = re.compile(
    r"\$\$|\$(?:\{(?P<braced>[A-Z_][A-Z0-9_]*)\}|(?P<bare>[A-Z_][A-Z0-9_]*))"
)
_EXPANDED: Final = ("steps", "images", "tags", "logsBucket", "serviceAccount")
_LOOSE: Final = "ALLOW_LOOSE"


def seconds(duration: object) -> float:
    """Read a duration such as `3600s`; raises `Refused`."""
    said = text(duration) or f"{_DEFAULT_SECONDS:g}s"
    try:
        value = float(said.removesuffix("s"))
    except ValueError:
        value = -1.0
    if not said.endswith("s") or not 0 < value <= LONGEST_SECONDS:
        raise invalid(f"invalid timeout {said!r}: it must be between 0s and {LONGEST_SECONDS:g}s")
    return value


def checked(build: JsonObject, builtin: Mapping[str, str]) -> JsonObject:
    """Return `build` with its substitutions put in; `builtin` are those that there always are.

    Raises `Refused` for a build that cannot be run.
    """
    steps = objects(build.get("steps"))
    if not steps:
        raise invalid("invalid build: must have at least one step")
    if any(not text(step.get("name")) for step in steps):
        raise invalid("invalid build: every step must name the image that runs it")
    seconds(build.get("timeout"))
    given = {key: text(value) for key, value in an_object(build.get("substitutions")).items()}
    for key in given:
        if not _USER_KEY.fullmatch(key):
            raise invalid(f'invalid substitution key "{key}": it must match {_USER_KEY.pattern}')
    used: set[str] = set()
    loose = an_object(build.get("options")).get("substitutionOption") == _LOOSE
    expanded = {
        key: _expanded(value, {**builtin, **given}, used, loose) if key in _EXPANDED else value
        for key, value in build.items()
    }
    unused = sorted(given.keys() - used)
    if unused and not loose:
        raise invalid(
            f'invalid value for "build.substitutions": key in the substitution data is not '
            f'matched in the template: "{unused[0]}"'
        )
    return expanded


def _expanded(value: object, known: Mapping[str, str], used: set[str], loose: bool) -> object:
    if isinstance(value, list):
        return [_expanded(each, known, used, loose) for each in value]
    if isinstance(value, dict):
        return {key: _expanded(each, known, used, loose) for key, each in value.items()}
    if not isinstance(value, str):
        return value

    def put(found: re.Match[str]) -> str:
        name = found["braced"] or found["bare"]
        if name is None:
            return "$"
        used.add(name)
        if name not in known and not loose:
            raise invalid(
                f'invalid value for "build.substitutions": key in the template "{name}" is not a '
                "valid built-in substitution"
            )
        return known.get(name, "")

    return _VARIABLE.sub(put, value)
