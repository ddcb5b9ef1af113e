"""One question about what there is: it takes no longer than it may, and fails alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from console.language import tr
from console.model.deploy.observed import Absent, Unseen
from console.session.secrets import redacted
from console.session.transfer.place import NoPlace
from console.sources.base import Offline, SourceError, Unauthenticated
from console.terminal.sanitise import sanitise

_Thing = TypeVar("_Thing")


async def seen(
    question: Awaitable[_Thing | Absent], seconds: float, *, here: bool = False
) -> _Thing | Absent | Unseen:
    """Return what came of a question, or why nothing did; `here` says that it is no cloud's.

    What goes wrong in the question itself is told as well: one defect must not silence the rest.
    """
    try:
        async with asyncio.timeout(seconds):
            return await question
    except NoPlace as none:
        return Unseen(none.message)
    except SourceError as error:
        blocks = here or isinstance(error, (Unauthenticated, Offline))
        return Unseen(sanitise(redacted(error.message)), blocks)
    except TimeoutError:
        return Unseen(
            sanitise(tr("there was no answer within {seconds:.0f} s", seconds=seconds)), blocks=True
        )
    except Exception as error:
        said = " ".join(str(error).split()) or type(error).__name__
        return Unseen(sanitise(redacted(said)))
