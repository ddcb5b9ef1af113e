"""Long work that an interface in JSON has begun, waited for.

Source: https://google.aip.dev/151 (long-running operations).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import grpc
from google.api_core.exceptions import from_grpc_status

from console.language import tr
from console.sources.base import Offline
from console.sources.google_errors import Asked, refusals
from console.sources.google_rest import GoogleRest, Json, json_object, json_text
from console.terminal.sanitise import sanitise

Sleep = Callable[[float], Awaitable[object]]
"""Waits for so many seconds."""

_PAUSES: Final = (0.5, 1.0, 2.0)
_LONGEST: Final = 300.0
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}


async def waited_for(
    rest: GoogleRest, asked: Asked, begun: Json, sleep: Sleep, *, asking_as: str = ""
) -> Json:
    """Return what came of the operation `begun`, which version 1 of its interface knows.

    Raises what it failed with as `SourceError`, and `Offline` if it takes all too long.
    """
    operation, waited, pauses = begun, 0.0, list(_PAUSES)
    while operation.get("done") is not True:
        if waited >= _LONGEST:
            raise Offline(
                sanitise(
                    tr(
                        "cannot {what}: it takes longer than {seconds:.0f} s",
                        what=asked.words,
                        seconds=waited,
                    )
                )
            )
        pause = pauses.pop(0) if len(pauses) > 1 else pauses[0]
        await sleep(pause)
        waited += pause
        name = json_text(begun.get("name"))
        operation = await rest.get(asked, f"/v1/{name}", {}, asking_as=asking_as)
    error = json_object(operation.get("error"))
    if error:
        code = error.get("code")
        status = _CODES.get(code if isinstance(code, int) else 2, grpc.StatusCode.UNKNOWN)
        with refusals(asked):
            raise from_grpc_status(status, json_text(error.get("message")))
    return json_object(operation.get("response"))
