"""An address of a service: hands each request to an instance and logs it when it is answered."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final, Protocol

from console.sandbox.instances.fleet import Fleet, NoInstance
from console.sandbox.instances.instance import Instance
from console.sandbox.instances.request_head import LONGEST, NoRequest, RequestHead
from console.sandbox.logs.platform_log import PlatformLog, RequestFacts
from console.sandbox.moments import Clock
from console.sandbox.run.admission import Refusal, not_found

CLIENT_CLOSED: Final = 499
NO_ANSWER: Final = (
    "The request failed because either the HTTP response was malformed or connection to the "
    "instance had an error."
)
TOO_LONG: Final = (
    "The request has been terminated because it has reached the maximum request timeout."
)
OVERFULL: Final = (
    "While handling this request, the container instance was found to be using too much memory and "
    "was terminated. This is likely to cause a new container instance to be used for the next "
    "request to this revision. If you see this message frequently, you may have a memory leak in "
    "your code or may need more memory. Consider creating a new revision with more memory."
)
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)")
_HEAD_SECONDS: Final = 30.0
_CHUNK: Final = 64 * 1024


class Backend(Protocol):
    """What is behind an address."""

    @property
    def unreachable(self) -> bool:
        """Whether nothing gets through to it, and nothing back."""
        ...

    def refusal(self, head: RequestHead) -> Refusal | None:
        """Return what a request is refused with, None when it may pass."""
        ...

    def fleet(self) -> Fleet | None:
        """Return the instances that the next request goes to, None where nothing serves."""
        ...


@dataclass(slots=True)
class _Exchange:
    """One request and what came of it so far."""

    head: RequestHead
    trace: str
    span: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: int = 0
    received: int = 0
    sent: int = 0
    gone: bool = False


class FrontEnd:
    """Listens for one service; every connection carries one request."""

    def __init__(
        self,
        backend: Backend,
        log: PlatformLog,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        new_hex: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self._backend = backend
        self._log = log
        self._clock = clock
        self._monotonic = monotonic
        self._new_hex = new_hex
        self._server: asyncio.Server | None = None
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.url = ""

    async def open(self, port: int) -> int:
        """Listen on `port` of loopback, on any where that is taken; return which one it is.

        Raises `OSError` when there is none at all.
        """
        try:
            self._server = await self._listen(port)
        except OSError:
            self._server = await self._listen(0)
        opened: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{opened}"
        return opened

    async def close(self) -> None:
        """Stop listening and break off what is being answered."""
        if self._server is not None:
            self._server.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def break_off(self) -> None:
        """Break all connections, as a network does that fails."""
        for writer in self._tasks.values():
            writer.transport.abort()

    async def _listen(self, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", port, limit=LONGEST)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._backend.unreachable:
            writer.transport.abort()
            return
        task = asyncio.create_task(self._connection(reader, writer))
        self._tasks[task] = writer
        task.add_done_callback(self._tasks.pop)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = RequestHead.parse(await reader.readuntil(b"\r\n\r\n"))
            trace, _ = head.trace or (self._new_hex(16), "")
            exchange = _Exchange(head, trace, self._new_hex(8), reader, writer)
            fleet = self._backend.fleet()
            refused = self._backend.refusal(head) or (not_found() if fleet is None else None)
            if refused is not None or fleet is None:
                await self._refuse(exchange, refused or not_found(), fleet)
            else:
                await self._answer(exchange, fleet)
        except (NoRequest, asyncio.LimitOverrunError):
            await _send(writer, 400, "no request of HTTP/1.1 with a path\n")
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _refuse(self, exchange: _Exchange, refused: Refusal, fleet: Fleet | None) -> None:
        """Answer in the place of the service."""
        exchange.status, exchange.sent = refused.status, len(refused.body.encode())
        facts = self._facts(exchange, self._clock(), 0.0)
        self._log.answered(fleet.plan.revision if fleet else "", "", facts, refused.why)
        kind = "text/html; charset=UTF-8"
        await _send(exchange.writer, refused.status, refused.body, kind, refused.headers)

    async def _answer(self, exchange: _Exchange, fleet: Fleet) -> None:
        arrived, began = self._clock(), self._monotonic()
        why = ""
        instance: Instance | None = None
        try:
            async with asyncio.timeout(fleet.plan.timeout), fleet.instance() as instance:
                await self._relay(exchange, instance)
        except NoInstance as error:
            exchange.status, why = error.status, str(error)
        except TimeoutError:
            why = TOO_LONG
            exchange.status = exchange.status or 504
        finally:
            if not exchange.status:
                exchange.status, why = _unanswered(exchange, instance)
            facts = self._facts(exchange, arrived, self._monotonic() - began)
            self._log.answered(fleet.plan.revision, instance.id if instance else "", facts, why)
        if why and not exchange.sent:
            await _send(exchange.writer, exchange.status, why + "\n")

    async def _relay(self, exchange: _Exchange, instance: Instance) -> None:
        """Carry the request to the instance and its answer back, as they come."""
        if exchange.reader.at_eof():
            exchange.gone = True
            return
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", instance.address)
        except OSError:
            return
        client = str(exchange.writer.get_extra_info("peername")[0])
        writer.write(exchange.head.forwarded(client, exchange.trace, exchange.span))
        upward = asyncio.create_task(_carry_up(exchange, writer))
        try:
            await _carry_down(exchange, reader)
        except OSError:
            exchange.gone = exchange.gone or exchange.writer.is_closing()
        finally:
            upward.cancel()
            writer.close()

    def _facts(self, exchange: _Exchange, arrived: datetime, seconds: float) -> RequestFacts:
        head = exchange.head
        return RequestFacts(
            method=head.method,
            url=self.url + head.target,
            status=exchange.status,
            arrived=arrived,
            seconds=seconds,
            user_agent=head.get("user-agent"),
            remote_ip=str(exchange.writer.get_extra_info("peername")[0]),
            trace=exchange.trace,
            span=exchange.span,
            request_size=exchange.received,
            response_size=exchange.sent,
        )


async def _carry_up(exchange: _Exchange, writer: asyncio.StreamWriter) -> None:
    """Carry the request's body until the client goes, which ends the exchange."""
    with suppress(OSError):
        while chunk := await exchange.reader.read(_CHUNK):
            exchange.received += len(chunk)
            writer.write(chunk)
            await writer.drain()
    exchange.gone = True
    writer.close()


async def _carry_down(exchange: _Exchange, reader: asyncio.StreamReader) -> None:
    first = await reader.read(_CHUNK)
    found = _STATUS.match(first)
    if found is None:
        return
    exchange.status = int(found[1])
    while first:
        exchange.sent += len(first)
        exchange.writer.write(first)
        await exchange.writer.drain()
        first = await reader.read(_CHUNK)


def _unanswered(exchange: _Exchange, instance: Instance | None) -> tuple[int, str]:
    """Return status and reason of a request that its instance did not answer."""
    if instance is not None and instance.overfull:
        return 500, OVERFULL
    return (CLIENT_CLOSED, "") if exchange.gone else (503, NO_ANSWER)


async def _send(
    writer: asyncio.StreamWriter,
    status: int,
    text: str,
    kind: str = "text/plain; charset=utf-8",
    headers: Sequence[tuple[str, str]] = (),
) -> None:
    body = text.encode()
    fields = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Connection", "close")]
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in (*fields, *headers))
    with suppress(OSError):
        writer.write(f"{head}\r\n".encode() + body)
        await writer.drain()
