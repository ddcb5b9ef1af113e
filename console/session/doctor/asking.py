"""One question of the doctor's: it takes no longer than it may, and fails alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Generic, TypeVar

from console.language import tr
from console.model.doctor.answers import Because, Unanswered
from console.model.doctor.facts import Answer
from console.session.secrets import redacted
from console.sources.base import (
    Denied,
    Missing,
    Offline,
    SourceError,
    Throttled,
    Unauthenticated,
)
from console.sources.off_loop import off_loop
from console.terminal.sanitise import sanitise

_Thing = TypeVar("_Thing")
_BECAUSE: Final = (
    (Unauthenticated, Because.LOGIN),
    (Missing, Because.MISSING),
    (Throttled, Because.BUSY),
    (Offline, Because.OFFLINE),
)


async def ask(question: Awaitable[_Thing], what: str, seconds: float) -> Answer[_Thing]:
    """Return the answer, or why there is none; `what` is done in words, `seconds` the most.

    What goes wrong in the question itself is told as well: one defect must not silence the rest.
    """
    began = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            return await question
    except SourceError as error:
        return unanswered(error)
    except TimeoutError:
        passed = time.monotonic() - began
        words = tr("cannot {what}: no answer within {seconds:.0f} s", what=what, seconds=passed)
        return Unanswered(Because.LATE, sanitise(words))
    except Exception as error:
        said = " ".join(str(error).split()) or type(error).__name__
        words = tr("cannot {what}: {why}", what=what, why=said)
        return Unanswered(Because.FAILED, sanitise(redacted(words)))


async def ask_here(question: Callable[[], _Thing], what: str, seconds: float) -> Answer[_Thing]:
    """Ask what blocks, such as a disk, in a thread that nobody has to wait for."""
    return await ask(off_loop(question, "doctor"), what, seconds)


def unanswered(error: SourceError) -> Unanswered:
    """Return what an error means for a finding."""
    words = sanitise(redacted(error.message))
    if isinstance(error, Denied):
        # What is no matter of a permission is an interface that is switched off.
        because = Because.DENIED if error.permission else Because.SWITCHED_OFF
        return Unanswered(because, words, error.permission, error.role)
    kind = next((why for kind, why in _BECAUSE if isinstance(error, kind)), Because.FAILED)
    return Unanswered(kind, words)


class Once(Generic[_Thing]):
    """A question that is asked when somebody first wants to know, and not again for the others."""

    def __init__(self, question: Callable[[], Coroutine[Any, Any, _Thing]]) -> None:
        self._question = question
        self._asked: asyncio.Task[_Thing] | None = None

    async def __call__(self) -> _Thing:
        """Return the answer."""
        if self._asked is None:
            self._asked = asyncio.create_task(self._question())
        return await self._asked
