"""Sources that answer what they answered when they were recorded, and when they did."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

from console.language import tr
from console.model.log.lines import LogRecord
from console.recording.calls import Call, calls_of, written
from console.recording.clock import ReplayClock
from console.recording.lines import NOT_RECORDED, error_of
from console.recording.reader import Entry, Key, Recording, Stream, key_of
from console.sources.base import Malformed, Offline
from console.terminal.sanitise import sanitise

PATIENCE_SECONDS: Final = 90.0
"""How many recorded seconds the next answer is waited for; longer than any question rests."""

_PAGES: Final = "oldest_first"
_LISTED: Final = "logs.list"
NONSENSE: Final = (ValueError, TypeError, KeyError, RecursionError)
"""What reading raises of something that makes no sense."""


class Replayer:
    """Answers out of `recording`, by `clock`."""

    def __init__(self, recording: Recording, clock: ReplayClock) -> None:
        self.recording = recording
        self.clock = clock
        self._next: dict[Key, int] = defaultdict(int)
        self._opened: dict[Key, int] = defaultdict(int)

    def source(self, name: str) -> Any:
        """Return the source of this name."""
        return _Replayed(self, name)

    async def answers(
        self, call: str, arguments: Mapping[str, object], *, again: bool = True
    ) -> list[Entry]:
        """Return what was answered since it was asked last, the newest at the end.

        The next answer is waited for until its time. If that is far off, the last one is given
        once more, but only if `again`; and after the end of the recording none at all: nothing
        changes any more. Raises `Offline` for what was never asked.
        """
        key = key_of(call, written(arguments))
        known = self.recording.asked.get(key)
        if not known:
            raise Offline(sanitise(tr(NOT_RECORDED, call=call)))
        while True:
            taken = self._next[key]
            following = known[taken] if taken < len(known) else None
            if following is None or following.at > self.clock.at + PATIENCE_SECONDS:
                if self.clock.over or (following is None and not again):
                    await asyncio.Event().wait()
                if taken and again:
                    return [known[taken - 1]]
            assert following is not None
            if following.at <= self.clock.at:
                return self._taken(key, known)
            await self.clock.until(following.at)

    def _taken(self, key: Key, known: list[Entry]) -> list[Entry]:
        first = self._next[key]
        end = first + 1
        while not _is_page(key) and end < len(known) and known[end].at <= self.clock.at:
            end += 1
        self._next[key] = end
        return known[first:end]

    async def stream(
        self, call: str, arguments: Mapping[str, object]
    ) -> AsyncGenerator[object, None]:
        """Yield what the next stream brought, each thing at its time; raises how it broke.

        One that was left, or did not end, brings nothing more, and so do those after the last.
        """
        key = key_of(call, written(arguments))
        known = self.recording.streams.get(key)
        if not known:
            raise Offline(sanitise(tr(NOT_RECORDED, call=call)))
        number = self._opened[key]
        self._opened[key] += 1
        if number >= len(known):
            await asyncio.Event().wait()
        stream = known[number]
        async with aclosing(self.items(stream)) as items:
            async for item in items:
                yield item
        if stream.end != "whole":
            await asyncio.Event().wait()

    async def items(self, stream: Stream) -> AsyncGenerator[object, None]:
        """Yield what this stream brought, each thing at its time; raises how it broke."""
        for entry in stream.entries:
            await self.clock.until(entry.at)
            said = entry.said()
            if "end" in said:
                return
            yield outcome(said, "item")


def _is_page(key: Key) -> bool:
    """Whether answers are pages, of which each is read by itself."""
    return f'"{_PAGES}": true' in key[1]


def outcome(said: Mapping[str, object], word: str) -> object:
    """Return what a line says under `word`; raises the `SourceError` that it tells instead."""
    if word in said:
        return safe(said[word])
    try:
        error = error_of(said["error"])
    except NONSENSE as why:
        error = nonsense(why)
    raise error


def safe(value: object) -> object:
    """Return a JSON value whose texts are safe to show: a file may come from anybody."""
    if isinstance(value, str):
        return sanitise(value)
    if isinstance(value, list):
        return [safe(each) for each in value]
    if isinstance(value, dict):
        return {sanitise(key): safe(one) for key, one in value.items()}
    return value


def nonsense(error: Exception) -> Malformed:
    """Return the error for what the recording says and cannot be so."""
    return Malformed(sanitise(tr("the recording is damaged here: {why}", why=error)))


class _Replayed:
    """A source whose methods are those of its protocol, each answered from the recording."""

    def __init__(self, replayer: Replayer, name: str) -> None:
        for method, call in calls_of(name).items():
            made = _stream(replayer, call) if call.streams else _answer(replayer, call)
            setattr(self, method, made)


def _answer(replayer: Replayer, call: Call) -> Callable[..., Awaitable[Any]]:
    async def asked(*given: Any, **named: Any) -> Any:
        entries = await replayer.answers(call.name, call.arguments(*given, **named))
        newest = outcome(entries[-1].said(), "answer")
        try:
            return call.read(newest) if call.name != _LISTED else _lines_of(call, entries)
        except NONSENSE as error:
            raise nonsense(error) from None

    return asked


def _lines_of(call: Call, entries: list[Entry]) -> tuple[LogRecord, ...]:
    """Return the lines that all these answers told: each is listed once, and none again."""
    lines: dict[tuple[object, ...], LogRecord] = {}
    for entry in entries:
        line: LogRecord
        for line in call.read(safe(entry.said().get("answer", []))):
            lines[(line.time, line.provenance.insert_id, line.message)] = line
    if len(entries) == 1:
        return tuple(lines.values())
    return tuple(sorted(lines.values(), key=lambda line: line.time))


def _stream(replayer: Replayer, call: Call) -> Callable[..., AsyncGenerator[Any, None]]:
    async def opened(*given: Any, **named: Any) -> AsyncGenerator[Any, None]:
        told = replayer.stream(call.name, call.arguments(*given, **named))
        async with aclosing(told) as items:
            async for item in items:
                try:
                    thing = call.read(item)
                except NONSENSE as error:
                    raise nonsense(error) from None
                yield thing

    return opened
