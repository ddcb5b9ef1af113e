"""What the faults of the sandbox do to requests of the storage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.requests import ClientDisconnect, Request

from console.sandbox.faults import Fault, Faults
from console.sandbox.gateway import break_off
from console.sandbox.storage.refusals import Refused

PRINCIPAL: Final = "operator@sandbox.test"
_BREAKABLE: Final = 32_768
_STEP: Final = 65_536


class Disturbances:
    """Asks `faults` at the moment of use; `sleep` waits for some seconds."""

    def __init__(
        self,
        faults: Faults,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._faults = faults
        self._sleep = sleep

    @property
    def name_is_taken(self) -> bool:
        """Whether somebody else has a bucket of whatever name."""
        return Fault.NAME_TAKEN in self._faults

    def admit(self) -> None:
        """Raise `Refused` while no request at all is answered."""
        if Fault.STORAGE_UNAVAILABLE in self._faults:
            message = "We encountered an internal error. Please try again."
            raise Refused(503, "backendError", message)

    def permit(self, permission: str, what: str) -> None:
        """Raise `Refused` while the user may not do this to `what`: a bucket, an object …"""
        if Fault.STORAGE_DENIED in self._faults:
            raise Refused(
                403,
                "forbidden",
                f"{PRINCIPAL} does not have {permission} access to the Google Cloud Storage "
                f"{what}. Permission '{permission}' denied on resource (or it may not exist).",
            )

    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """Yield the body of a request; raises `ClientDisconnect` when it breaks off."""
        said = request.headers.get("content-length", "")
        length = int(said) if said.isdigit() else 0
        arrived = 0
        async for chunk in request.stream():
            arrived += len(chunk)
            if self._breaks(length) and arrived > length // 2:
                yield chunk[: max(0, len(chunk) - (arrived - length // 2))]
                await break_off(request)
                raise ClientDisconnect
            await self._pace(len(chunk))
            yield chunk

    async def download(
        self, request: Request, data: AsyncIterator[bytes], length: int
    ) -> AsyncIterator[bytes]:
        """Yield what is sent of `data`, which has `length` bytes."""
        sent = 0
        async for piece in data:
            step = _STEP if Fault.STORAGE_SLOW in self._faults else len(piece)
            for start in range(0, len(piece), max(1, step)):
                chunk = piece[start : start + step]
                if self._breaks(length) and sent + len(chunk) > length // 2:
                    yield chunk[: length // 2 - sent]
                    await break_off(request)
                    return
                await self._pace(len(chunk))
                yield chunk
                sent += len(chunk)

    def _breaks(self, length: int) -> bool:
        return length >= _BREAKABLE and Fault.STORAGE_BROKEN in self._faults

    async def _pace(self, size: int) -> None:
        rate = self._faults.amount(Fault.STORAGE_SLOW)
        if rate:
            await self._sleep(size / rate)
