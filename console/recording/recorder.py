"""Puts whatever the sources answer on record, and passes it on as it came."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from console.model.text import SafeText
from console.recording.calls import Call, calls_of
from console.recording.lines import FORMAT, SCHEMA_VERSION, Header, error_line
from console.recording.writer import Writer
from console.sources.base import SourceError

_Source = TypeVar("_Source")
_Thing = TypeVar("_Thing")

_AS_IT_IS: Final[Callable[[Any], object]] = lambda thing: thing  # noqa: E731


class Recorder:
    """Writes a recording by `writer`.

    `clock` gives the time of day, `monotonic` seconds; `console` is the version of the console.
    Whoever listens hears once, in one line, that nothing is recorded any more.
    """

    def __init__(
        self,
        writer: Writer,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        console: str,
    ) -> None:
        self.context: str | None = None
        self._writer = writer
        self._clock = clock
        self._monotonic = monotonic
        self._console = console
        self._told: Callable[[SafeText], object] | None = None
        self._began = 0.0
        self._numbers = itertools.count(1)

    @property
    def problem(self) -> SafeText | None:
        """Why nothing is recorded any more; None as long as all is."""
        return self._writer.problem

    def listen(self, told: Callable[[SafeText], object]) -> None:
        """Let `told` hear, the next time that something comes, why it is not recorded."""
        self._told = told

    def begin(self, context: str, models: str | None = None) -> None:
        """Begin the recording of a context, whose engine here has its model from `models`."""
        self.context = context
        self._began = self._monotonic()
        self._writer.put(
            Header(FORMAT, SCHEMA_VERSION, self._console, context, self._clock(), models)
        )

    def close(self) -> None:
        """End the recording, and wait until it is on disk."""
        if self.context is not None:
            self.note({"over": True})
        self._writer.close()

    def end(self, why: SafeText) -> None:
        """End the recording before the console ends, and tell why."""
        self.close()
        told, self._told = self._told, None
        if told is not None:
            told(why)

    def note(self, line: Mapping[str, object]) -> None:
        """Put one line on record, as of now."""
        self._writer.put({"at": round(self._monotonic() - self._began, 6), **line})
        if self._writer.problem is not None and self._told is not None:
            told, self._told = self._told, None
            told(self._writer.problem)

    def wrapped(self, name: str, source: _Source) -> _Source:
        """Return the source of this name so that whatever it answers is put on record."""
        return cast(_Source, _Wrapped(self, name, source))

    async def asked(
        self,
        call: str,
        arguments: Mapping[str, object],
        ask: Callable[[], Awaitable[_Thing]],
        form: Callable[[_Thing], object] = _AS_IT_IS,
    ) -> _Thing:
        """Ask, put on record what came of it in its form, and return it; raises as `ask` does."""
        try:
            answer = await ask()
        except SourceError as error:
            self.note({"call": call, "with": arguments, "error": error_line(error)})
            raise
        self.note({"call": call, "with": arguments, "answer": form(answer)})
        return answer

    async def streamed(
        self,
        call: str,
        arguments: Mapping[str, object],
        opened: AsyncGenerator[_Thing, None],
        form: Callable[[_Thing], object] = _AS_IT_IS,
    ) -> AsyncGenerator[_Thing, None]:
        """Yield what a stream brings, each thing put on record in its form."""
        number = self.begun(call, arguments)
        end = "left"
        try:
            async with aclosing(opened) as things:
                async for thing in things:
                    self.note({"of": number, "item": form(thing)})
                    yield thing
            end = "whole"
        except SourceError as error:
            end = ""
            self.note({"of": number, "error": error_line(error)})
            raise
        finally:
            if end:
                self.note({"of": number, "end": end})

    def begun(self, call: str, arguments: Mapping[str, object]) -> int:
        """Put on record that a stream was opened; return its number."""
        number = next(self._numbers)
        self.note({"begin": number, "call": call, "with": arguments})
        return number


class _Wrapped:
    """A source whose methods are those of its protocol, each put on record."""

    def __init__(self, recorder: Recorder, name: str, source: object) -> None:
        for method, call in calls_of(name).items():
            inner = getattr(source, method)
            made = _stream(recorder, call, inner) if call.streams else _ask(recorder, call, inner)
            setattr(self, method, made)


def _ask(recorder: Recorder, call: Call, inner: Any) -> Callable[..., Awaitable[Any]]:
    async def asked(*given: Any, **named: Any) -> Any:
        arguments = call.arguments(*given, **named)
        return await recorder.asked(call.name, arguments, lambda: inner(*given, **named))

    return asked


def _stream(recorder: Recorder, call: Call, inner: Any) -> Callable[..., AsyncGenerator[Any, None]]:
    def opened(*given: Any, **named: Any) -> AsyncGenerator[Any, None]:
        arguments = call.arguments(*given, **named)
        return recorder.streamed(call.name, arguments, inner(*given, **named))

    return opened
