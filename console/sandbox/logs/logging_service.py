"""Cloud Logging v2 over gRPC: entries written, listed in pages, and told as they are written."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Container, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import grpc
from google.cloud.logging_v2.types import (
    ListLogEntriesRequest,
    ListLogEntriesResponse,
    TailLogEntriesRequest,
    TailLogEntriesResponse,
    WriteLogEntriesRequest,
    WriteLogEntriesResponse,
)

from console.sandbox.faults import Fault
from console.sandbox.logs.log_book import Key, Line, Listener, LogBook
from console.sandbox.logs.log_entries import Entry, as_entry
from console.sandbox.logs.log_filter import InvalidFilter, Match, compiled, earliest
from console.sandbox.moments import Clock, utc_now, written
from console.sandbox.run.refused import Refused

LISTS_A_MINUTE: Final = 60
LARGEST_PAGE: Final = 1_000
BREAK_SECONDS: Final = 3.0
"""How long a tail lasts while tails break."""

_WINDOW: Final = 2.0
_BATCH: Final = 500
_ORDERS: Final = {"": False, "timestamp": False, "timestamp asc": False, "timestamp desc": True}
_NOT_CONSUMED: Final = TailLogEntriesResponse.SuppressionInfo.Reason.NOT_CONSUMED
_Listed: Final = ListLogEntriesResponse.pb(ListLogEntriesResponse()).__class__
_Told: Final = TailLogEntriesResponse.pb(TailLogEntriesResponse()).__class__


class LoggingService:
    """Answers about the entries of `project` in `book`; `monotonic` counts seconds.

    `break_seconds` is how long a tail lasts while `faults` have it break.
    """

    def __init__(
        self,
        project: str,
        book: LogBook,
        monotonic: Callable[[], float],
        faults: Container[Fault] = frozenset(),
        clock: Clock = utc_now,
        break_seconds: float = BREAK_SECONDS,
    ) -> None:
        self._project = project
        self._book = book
        self._monotonic = monotonic
        self._faults = faults
        self._clock = clock
        self._break_seconds = break_seconds
        self._lists: deque[float] = deque()
        self._numbers = itertools.count(1)

    def handler(self) -> grpc.GenericRpcHandler:
        """Return the methods, to be added to a server."""
        return grpc.method_handlers_generic_handler(
            "google.logging.v2.LoggingServiceV2",
            {
                "WriteLogEntries": grpc.unary_unary_rpc_method_handler(
                    self._write,
                    request_deserializer=WriteLogEntriesRequest.deserialize,
                    response_serializer=WriteLogEntriesResponse.serialize,
                ),
                "ListLogEntries": grpc.unary_unary_rpc_method_handler(
                    self._list,
                    request_deserializer=ListLogEntriesRequest.deserialize,
                    response_serializer=_Listed.SerializeToString,
                ),
                "TailLogEntries": grpc.stream_stream_rpc_method_handler(
                    self._tail,
                    request_deserializer=TailLogEntriesRequest.deserialize,
                    response_serializer=_Told.SerializeToString,
                ),
            },
        )

    async def _write(
        self, request: WriteLogEntriesRequest, context: grpc.aio.ServicerContext
    ) -> WriteLogEntriesResponse:
        raw, now = WriteLogEntriesRequest.pb(request), written(self._clock())
        entries = [self._written(raw, message, now) for message in raw.entries]
        for entry in entries:
            if not str(entry["logName"]).startswith(f"projects/{self._project}/logs/"):
                await context.abort(
                    grpc.StatusCode.PERMISSION_DENIED,
                    f"Permission 'logging.logEntries.create' denied for {entry['logName']!r}",
                )
        if not raw.dry_run:
            self._book.extend(entries)
        return WriteLogEntriesResponse()

    def _written(self, request: Any, message: Any, now: str) -> Entry:
        """Return an entry with what it leaves to the request, and what is left to the server."""
        entry = as_entry(message)
        if not message.HasField("resource"):
            labels = dict(request.resource.labels)
            entry["resource"] = {"type": request.resource.type, "labels": labels}
        entry["labels"] = {**request.labels, **message.labels}
        left = {"logName": request.log_name, "timestamp": now, "insertId": self._new_id()}
        return {**left, **entry, "receiveTimestamp": now}

    def _new_id(self) -> str:
        return f"w{next(self._numbers):015x}"

    async def _list(
        self, request: ListLogEntriesRequest, context: grpc.aio.ServicerContext
    ) -> object:
        try:
            return self.listed(request)
        except Refused as refusal:
            await context.abort(refusal.code, str(refusal))
            raise

    async def _tail(
        self,
        requests: AsyncIterator[TailLogEntriesRequest],
        context: grpc.aio.ServicerContext,
    ) -> AsyncIterator[object]:
        requests = aiter(requests)
        first = await anext(requests, None)
        if first is None:
            return
        try:
            match = self._match(first.resource_names, first.filter)
            window = first.buffer_window
            seconds = _WINDOW if window is None else window.total_seconds()
            # The client ends the stream by sending nothing more.
            hung_up = asyncio.create_task(_exhausted(requests))
            try:
                with self._book.listening(match) as listener:
                    # Who has the metadata knows that from now on no entry is missed.
                    await context.send_initial_metadata(())
                    async for told in self._told(listener, hung_up, seconds):
                        yield told
            finally:
                hung_up.cancel()
        except Refused as refusal:
            await context.abort(refusal.code, str(refusal))

    async def _told(
        self, listener: Listener, hung_up: asyncio.Task[None], window: float
    ) -> AsyncIterator[object]:
        """Yield what is written, sorted within `window` seconds, until nobody wants more."""
        began = self._monotonic()
        while not hung_up.done():
            came = await _came(listener, hung_up, self._break_seconds)
            await asyncio.sleep(window if came else 0)
            self._admit()
            if Fault.TOKEN_EXPIRED in self._faults:
                raise Refused(grpc.StatusCode.UNAUTHENTICATED, "The login has run out.")
            broken = Fault.LOGS_BROKEN in self._faults
            if broken and self._monotonic() - began >= self._break_seconds:
                raise Refused(grpc.StatusCode.UNAVAILABLE, "The stream was reset.")
            if came:
                for told in _responses(*listener.take()):
                    yield told

    def listed(self, request: ListLogEntriesRequest) -> Any:
        """Return a page of entries as a raw message; raises `Refused`."""
        self._count()
        return self._page(request)

    def _page(self, request: ListLogEntriesRequest) -> object:
        if request.order_by not in _ORDERS:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "Invalid order_by.")
        match = self._match(request.resource_names, request.filter)
        size = min(request.page_size if request.page_size > 0 else 50, LARGEST_PAGE)
        after, newest_first = _after(request.page_token), _ORDERS[request.order_by]
        found = self._book.lines(match, after, newest_first, earliest(request.filter))
        lines = list(islice(found, size + 1))
        page = _Listed(next_page_token=_token(lines[size - 1].key) if len(lines) > size else "")
        page.entries.extend(_messages(lines[:size]))
        return page

    def _match(self, resources: Sequence[str], text: str) -> Match:
        if not resources:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "At least one resource is required.")
        for resource in resources:
            if resource != f"projects/{self._project}":
                raise _denied(resource)
        self._admit()
        try:
            return compiled(text)
        except InvalidFilter as error:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from None

    def _admit(self) -> None:
        if Fault.LOGS_DENIED in self._faults:
            raise _denied(f"projects/{self._project}")

    def _count(self) -> None:
        """Count a call against the quota, which cannot be raised at Google either."""
        now = self._monotonic()
        while self._lists and self._lists[0] <= now - 60:
            self._lists.popleft()
        throttled = Fault.LOGS_THROTTLED in self._faults
        if throttled or len(self._lists) >= LISTS_A_MINUTE:
            raise Refused(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per "
                "minute' of service 'logging.googleapis.com' for consumer "
                f"'projects/{self._project}'.",
            )
        self._lists.append(now)


def _denied(resource: str) -> Refused:
    return Refused(
        grpc.StatusCode.PERMISSION_DENIED,
        "Permission 'logging.logEntries.list' denied on resource (or it may not exist): "
        f"{resource}",
    )


async def _exhausted(requests: AsyncIterator[TailLogEntriesRequest]) -> None:
    async for _ in requests:
        pass


async def _came(listener: Listener, hung_up: asyncio.Task[None], seconds: float) -> bool:
    """Wait for lines for that long; return whether they came before the client hung up."""
    news = asyncio.create_task(listener.news())
    try:
        waited_for = {news, hung_up}
        first = asyncio.FIRST_COMPLETED
        await asyncio.wait(waited_for, timeout=seconds, return_when=first)
        return news.done() and not hung_up.done()
    finally:
        news.cancel()


def _responses(lines: list[Line], left_out: int) -> Iterator[object]:
    for start in range(0, len(lines), _BATCH):
        told = _Told()
        told.entries.extend(_messages(lines[start : start + _BATCH]))
        yield told
    if left_out:
        suppressed = {"reason": _NOT_CONSUMED, "suppressed_count": left_out}
        yield _Told(suppression_info=[suppressed])


def _messages(lines: Iterable[Line]) -> Iterator[object]:
    """Yield the messages of lines, passing over what somebody wrote into the file by hand."""
    for line in lines:
        try:
            yield line.message
        except ValueError:
            continue


def _token(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _after(token: str) -> Key | None:
    """Read a page token; None for the first page."""
    if not token:
        return None
    try:
        time, identifier = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError):
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "page_token is invalid") from None
    return str(time), str(identifier)
