"""Work that takes long, done in a thread while a line says how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from console.sources.off_loop import off_loop
from console.verbs.status_line import StatusLine

_SHOW_SECONDS: Final = 0.2

_Result = TypeVar("_Result")


async def watched(
    work: Callable[[], _Result], name: str, line: StatusLine, text: Callable[[], str]
) -> _Result:
    """Return what `work` returns, or raise what it raises; `text` says meanwhile how far it is.

    Whoever is cancelled leaves the work to itself, and hears no more of how it ends.
    """
    doing = asyncio.ensure_future(off_loop(work, name))
    doing.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        while not doing.done():
            line.show(text())
            await asyncio.wait({doing}, timeout=_SHOW_SECONDS)
        return await doing
    finally:
        doing.cancel()
        line.clear()
