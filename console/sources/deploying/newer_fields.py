"""Fields that are newer than this program: they are kept where a message is written anew.

JSON has no place for what the protocol buffers' descriptions do not name, while the messages
themselves carry it along. Source: https://protobuf.dev/programming-guides/proto3/#unknowns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def keep_newer(before: Any, after: Any) -> None:
    """Put into the raw message `after` what `before` has that nobody here knows of.

    Messages in lists belong together if they have the same name.
    """
    unknown = type(before)()
    unknown.CopyFrom(before)
    for descriptor, _ in before.ListFields():
        unknown.ClearField(descriptor.name)
    after.MergeFromString(unknown.SerializeToString())
    for one, other in _pairs(before, after):
        keep_newer(one, other)


def _pairs(before: Any, after: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the messages within two messages that belong together."""
    for descriptor, value in before.ListFields():
        kind = descriptor.message_type
        if kind is None or kind.GetOptions().map_entry:
            continue
        if not descriptor.is_repeated:
            if after.HasField(descriptor.name):
                yield value, getattr(after, descriptor.name)
        elif "name" in kind.fields_by_name:
            named = {each.name: each for each in getattr(after, descriptor.name)}
            yield from ((each, named[each.name]) for each in value if each.name in named)
