"""The history as a session uses it: in threads, and going on without where the disk refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from console.model.text import SafeText
from console.session.history.database import History
from console.session.history.file import HistoryUnavailable, Unkeepable
from console.session.history.kept import Kept
from console.session.history.pending import Pending
from console.session.history.rows import StartKey
from console.terminal.sanitise import sanitise

AGAIN: Final = timedelta(seconds=30)
"""After how long a disk that refused is tried again."""

_Answer = TypeVar("_Answer")


class Disk:
    """The part of the history at `path` that is about `context`; in memory without a path.

    `trouble` hears once in one line what is wrong, and `problem` says it as long as it is.
    """

    def __init__(
        self,
        path: Path | None,
        context: str,
        clock: Callable[[], datetime],
        trouble: Callable[[str], None],
    ) -> None:
        self.problem: SafeText | None = None
        self._path = path
        self._context = context
        self._clock = clock
        self._trouble = trouble
        self._history: History | None = None
        self._unwritten = Pending()
        self._again_at: datetime | None = None
        self._ours: frozenset[StartKey] = frozenset()

    async def open(self) -> None:
        """Open the history, or begin one; where there can be none it is one in memory."""
        if self._path is not None:
            try:
                self._history = await asyncio.to_thread(History.open, self._path)
            except HistoryUnavailable as error:
                self._refused(error)
        if self._history is None:
            self._history = History.in_memory()
        if self._history.trouble:
            self._trouble(self._history.trouble)

    async def ask(self, question: Callable[[History, str], _Answer]) -> _Answer | None:
        """Return what the history says of the context; None where it cannot be read."""
        history = self._history
        if history is None:
            return None
        try:
            return await asyncio.to_thread(question, history, self._context)
        except HistoryUnavailable as error:
            self._refused(error)
            return None

    async def write(self, new: Pending) -> Kept:
        """Write all that is not written yet, and return what is known of its starts now."""
        history, self._unwritten = self._history, self._unwritten.followed_by(new)
        told = Kept((*new.read.values(), *new.starts.values()))
        if history is None or (self._again_at is not None and self._clock() < self._again_at):
            return told
        try:
            kept = await asyncio.to_thread(
                self._unwritten.write, history, self._context, self._ours
            )
        except HistoryUnavailable as error:
            self._refused(error)
            if isinstance(error, Unkeepable):
                # It would be refused for ever, and all that comes after it.
                self._unwritten = Pending()
            return told
        self._unwritten, self._again_at = Pending(), None
        self._ours = kept.believed
        if history.path is not None:
            self.problem = None
        return kept

    def close(self, last: Pending) -> None:
        """Write what is left, if it can be written, and let go of the file."""
        history, self._history = self._history, None
        if history is not None:
            with suppress(HistoryUnavailable):
                left = self._unwritten.followed_by(last)
                left.write(history, self._context, self._ours)
            history.close()

    def _refused(self, error: HistoryUnavailable) -> None:
        """Say once why the disk does not take or give what it should."""
        why = sanitise(str(error))
        if self.problem != why:
            self._trouble(why)
        self.problem = why
        self._again_at = self._clock() + AGAIN
