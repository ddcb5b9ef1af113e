"""Frozen dataclasses as JSON and back, checked: what does not fit is refused, text made safe."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union

from console.model.text import SafeText
from console.terminal.sanitise import sanitise

_Kind = TypeVar("_Kind")


def to_json(value: object) -> object:
    """Return `value` in the types that JSON has; raises `TypeError` for what has none."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(key): to_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def from_json(kind: type[_Kind], value: object) -> _Kind:
    """Read what `to_json` wrote of a `kind`; raises `ValueError`, `TypeError` or `KeyError`.

    Fields that are not there get their default, and fields that `kind` does not have are ignored.
    Every text passes the sanitiser again.
    """
    read: _Kind = _read(kind, value)
    return read


def _read(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_union(typing.get_args(kind), value)
    if origin is tuple:
        return tuple(_read(typing.get_args(kind)[0], each) for each in _checked(list, value))
    if kind is SafeText or kind is str:
        return sanitise(_checked(str, value))
    if kind is datetime:
        return _moment(_checked(str, value))
    if kind is timedelta:
        return timedelta(seconds=_checked((int, float), value))
    if kind is date:
        return date.fromisoformat(_checked(str, value))
    if origin is not None:
        keys, values = typing.get_args(kind)
        return {_read(keys, key): _read(values, one) for key, one in _checked(dict, value).items()}
    if kind is object:
        return value
    if kind is Decimal:
        return _decimal(_checked(str, value))
    if issubclass(kind, Enum):
        return kind[_checked(str, value)]
    if is_dataclass(kind):
        return _read_fields(kind, _checked(dict, value))
    return float(_checked((int, float), value)) if kind is float else _checked(kind, value)


def _read_union(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None and types.NoneType in kinds:
        return None
    return _read(next(each for each in kinds if each is not types.NoneType), value)


def _read_fields(kind: Any, value: Mapping[str, Any]) -> Any:
    known = _hints(kind)
    return kind(**{name: _read(known[name], one) for name, one in value.items() if name in known})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} does not say its time zone")
    return moment


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number") from None


def _key(key: object) -> str:
    return key.name if isinstance(key, Enum) else str(key)


def _checked(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r} is no {kind}")
    return value
