"""The address of a service: hands each request to an instance and logs it when it is answered."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.sandbox.faults import Fault, Faults
from console.sandbox.fleet import Fleet, Instance, NoInstance
from console.sandbox.moments import Clock
from console.sandbox.platform_log import PlatformLog, RequestFacts
from console.sandbox.request_head import LONGEST, NoRequest, RequestHead

CLIENT_CLOSED: Final = 499
NO_ANSWER: Final = (
    "The request failed because either the HTTP response was malformed or connection to the "
    "instance had an error."
)
TOO_LONG: Final = (
    "The request has been terminated because it has reached the maximum request timeout."
)
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)")
_HEAD_SECONDS: Final = 30.0
_CHUNK: Final = 64 * 1024
_PHRASES: Final = {
    400: "Bad Request",
    429: "Too Many Requests",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


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
        fleet: Fleet,
        log: PlatformLog,
        clock: Clock,
        timeout: float,
        monotonic: Callable[[], float] = time.monotonic,
        new_hex: Callable[[int], str] = secrets.token_hex,
        faults: Faults | None = None,
    ) -> None:
        self._fleet = fleet
        self._log = log
        self._clock = clock
        self._timeout = timeout
        self._monotonic = monotonic
        self._new_hex = new_hex
        self._faults = Faults() if faults is None else faults
        self._faults.subscribe(self._fault_changed)
        self._server: asyncio.Server | None = None
        self._url = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, port: int) -> str:
        """Listen on `port` of loopback, 0 for any, and return the address; raises `OSError`."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port, limit=LONGEST)
        self._url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self._url

    async def close(self) -> None:
        """Stop listening and break off what is being answered."""
        if self._server is not None:
            self._server.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _fault_changed(self) -> None:
        """Break off what is being answered when the network goes down."""
        if Fault.NETWORK_DOWN in self._faults:
            for task in tuple(self._tasks):
                task.cancel()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if Fault.NETWORK_DOWN in self._faults:
            writer.transport.abort()
            return
        task = asyncio.create_task(self._connection(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = RequestHead.parse(await reader.readuntil(b"\r\n\r\n"))
            trace, _ = head.trace or (self._new_hex(16), "")
            await self._answer(_Exchange(head, trace, self._new_hex(8), reader, writer))
        except (NoRequest, asyncio.LimitOverrunError):
            await _refuse(writer, 400, "no request of HTTP/1.1 with a path")
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, exchange: _Exchange) -> None:
        arrived, began = self._clock(), self._monotonic()
        why = ""
        instance: Instance | None = None
        try:
            async with asyncio.timeout(self._timeout), self._fleet.instance() as instance:
                await self._relay(exchange, instance)
        except NoInstance as error:
            exchange.status, why = error.status, str(error)
        except TimeoutError:
            why = TOO_LONG
            exchange.status = exchange.status or 504
        finally:
            if not exchange.status:
                exchange.status, why = (CLIENT_CLOSED, "") if exchange.gone else (503, NO_ANSWER)
            facts = self._facts(exchange, arrived, self._monotonic() - began)
            self._log.answered(
                self._fleet.plan.revision, instance.id if instance else "", facts, why
            )
        if why and not exchange.sent:
            await _refuse(exchange.writer, exchange.status, why)

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
            url=self._url + head.target,
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


async def _refuse(writer: asyncio.StreamWriter, status: int, why: str) -> None:
    body = (why + "\n").encode()
    head = (
        f"HTTP/1.1 {status} {_PHRASES[status]}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with suppress(OSError):
        writer.write(head.encode() + body)
        await writer.drain()
