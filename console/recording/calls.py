"""What is recorded of each source, read from the protocols that say what a source is."""

from __future__ import annotations

import inspect
import typing
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from console.recording.masking import masked
from console.session.json_facts import from_json, to_json
from console.sources.base import (
    LogSource,
    MeterSource,
    MetricSource,
    PriceSource,
    RegistrySource,
    ServiceSource,
    StorageSource,
)

SOURCES: Final[Mapping[str, Any]] = {
    "services": ServiceSource,
    "logs": LogSource,
    "metrics": MetricSource,
    "storage": StorageSource,
    "prices": PriceSource,
    "registry": RegistrySource,
    "meters": MeterSource,
}
"""The protocols whose answers are recorded. Who somebody is, is not: that is a secret."""


@dataclass(frozen=True)
class Call:
    """One method of a source; `streams` says whether it yields its answers one by one."""

    name: str
    kind: Any
    streams: bool
    signature: inspect.Signature

    def arguments(self, *given: object, **named: object) -> dict[str, object]:
        """Return what was asked with, by the names of the parameters."""
        asked = self.signature.bind(None, *given, **named).arguments
        return {name: value for name, value in asked.items() if name != "self"}

    def read(self, answer: object) -> Any:
        """Read an answer, or one item of a stream; raises as `from_json` does."""
        return from_json(self.kind, answer)


@cache
def calls_of(source: str) -> Mapping[str, Call]:
    """Return the methods of a source by their names."""
    protocol = SOURCES[source]
    methods = {
        name: method
        for name, method in vars(protocol).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }
    return {name: _call(f"{source}.{name}", method) for name, method in methods.items()}


def _call(name: str, method: Any) -> Call:
    answer = typing.get_type_hints(method)["return"]
    streams = typing.get_origin(answer) is AsyncGenerator
    kind = typing.get_args(answer)[0] if streams else answer
    return Call(name, kind, streams, inspect.signature(method))


def written(arguments: Mapping[str, object]) -> object:
    """Return what was asked with as it is in a recording."""
    return masked(to_json(arguments))
