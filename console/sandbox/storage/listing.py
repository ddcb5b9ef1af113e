"""Lists of objects: pages, folders by a delimiter, and older or deleted versions.

Source: https://cloud.google.com/storage/docs/json_api/v1/objects/list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from console.sandbox.storage.catalogue import Catalogue
from console.sandbox.storage.records import JsonObject, State, Version
from console.sandbox.storage.refusals import invalid
from console.sandbox.storage.requests import is_on, page_begin, page_size, page_token
from console.sandbox.storage.resources import object_resource


@dataclass(frozen=True, slots=True)
class _Query:
    """What is asked for; `begin` and `generation` are where the page begins."""

    prefix: str
    delimiter: str
    trailing: bool
    start: str
    end: str
    glob: re.Pattern[str] | None
    states: tuple[State, ...]
    begin: str
    generation: int
    size: int

    @classmethod
    def of(cls, query: Mapping[str, str]) -> _Query:
        states: tuple[State, ...] = (State.LIVE,)
        if is_on(query, "softDeleted"):
            if is_on(query, "versions"):
                raise invalid("Cannot specify both versions and softDeleted.")
            states = (State.SOFT_DELETED,)
        elif is_on(query, "versions"):
            states = (State.LIVE, State.NONCURRENT)
        begin, generation = page_begin(query)
        glob = query.get("matchGlob", "")
        return cls(
            prefix=query.get("prefix", ""),
            delimiter=query.get("delimiter", ""),
            trailing=is_on(query, "includeTrailingDelimiter"),
            start=query.get("startOffset", ""),
            end=query.get("endOffset", ""),
            glob=_pattern(glob) if glob else None,
            states=states,
            begin=begin,
            generation=generation,
            size=page_size(query),
        )

    def wants(self, name: str) -> bool:
        """Say whether an object is asked for."""
        if self.end and name >= self.end:
            return False
        return name.startswith(self.prefix) and (
            self.glob is None or self.glob.fullmatch(name) is not None
        )

    def folder(self, name: str) -> str:
        """Return the prefix under which an object is shown, empty when it is shown itself."""
        if not self.delimiter:
            return ""
        end = name.find(self.delimiter, len(self.prefix))
        return "" if end < 0 else name[: end + len(self.delimiter)]


@dataclass(slots=True)
class _Page:
    """What has been found so far; `next_page` says where it would go on."""

    items: list[JsonObject] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_page: str = ""

    def __len__(self) -> int:
        return len(self.items) + len(self.prefixes)


def listed(catalogue: Catalogue, bucket: str, query: Mapping[str, str], host: str) -> JsonObject:
    """Return a page of the objects of a bucket, with links to `host`; raises `Refused`."""
    asked = _Query.of(query)
    page = _Page()
    for version in _from(catalogue, bucket, asked):
        folder = asked.folder(version.name)
        if folder and page.prefixes[-1:] == [folder]:
            if asked.trailing and version.name == folder and len(page) < asked.size:
                page.items.append(object_resource(version, host))
            continue
        if len(page) >= asked.size:
            page.next_page = page_token(version.name, version.generation)
            break
        if folder:
            page.prefixes.append(folder)
        if not folder or (asked.trailing and version.name == folder):
            page.items.append(object_resource(version, host))
    answer: JsonObject = {"kind": "storage#objects"}
    found = {"items": page.items, "prefixes": page.prefixes, "nextPageToken": page.next_page}
    return answer | {key: value for key, value in found.items() if value}


def _from(catalogue: Catalogue, bucket: str, asked: _Query) -> Iterator[Version]:
    """Yield what is asked for, by name and generation, from where the page begins."""
    begin = max(asked.begin, asked.start, asked.prefix)
    generation = asked.generation if begin == asked.begin else 0
    for version in catalogue.versions(bucket, asked.states, begin, generation):
        if not version.name.startswith(asked.prefix):
            return
        if asked.wants(version.name):
            yield version


def _pattern(glob: str) -> re.Pattern[str]:
    try:
        return re.compile(_expression(glob), re.DOTALL)
    except re.error:
        raise invalid(f"Invalid value for: matchGlob, '{glob[:64]}'") from None


def _expression(glob: str) -> str:
    """Return the regular expression of a pattern with `**`, `*`, `?`, `[…]` and `{…,…}`."""
    result = []
    for piece in re.findall(r"\*\*|\*|\?|\[[^\]/]+\]|\{[^{}]*\}|.", glob, re.DOTALL):
        if piece == "**":
            result.append(".*")
        elif piece == "*":
            result.append("[^/]*")
        elif piece == "?":
            result.append("[^/]")
        elif piece[0] == "{" and len(piece) > 1:
            choices = piece[1:-1].split(",")
            result.append("(?:" + "|".join(_expression(choice) for choice in choices) + ")")
        elif piece[0] == "[" and len(piece) > 1:
            inside = re.escape(piece[1:-1].removeprefix("!")).replace(r"\-", "-")
            result.append("[" + ("^" if piece[1] == "!" else "") + inside + "]")
        else:
            result.append(re.escape(piece))
    return "".join(result)
