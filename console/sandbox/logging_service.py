"""Cloud Logging v2 over gRPC: entries listed in pages, and told as they are written."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Container, Iterator, Sequence
from itertools import islice
from typing import Final

import grpc
from google.cloud.logging_v2.types import (
    ListLogEntriesRequest,
    ListLogEntriesResponse,
    TailLogEntriesRequest,
    TailLogEntriesResponse,
)

from console.sandbox.faults import Fault
from console.sandbox.log_book import Key, Listener, LogBook, key_of
from console.sandbox.log_filter import Entry, InvalidFilter, Match, compiled
from console.sandbox.platform_log import as_message

LISTS_A_MINUTE: Final = 60
LARGEST_PAGE: Final = 1_000
_WINDOW: Final = 2.0
_BATCH: Final = 500
_ORDERS: Final = {"": False, "timestamp": False, "timestamp asc": False, "timestamp desc": True}
_NOT_CONSUMED: Final = TailLogEntriesResponse.SuppressionInfo.Reason.NOT_CONSUMED


class _Refused(Exception):
    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class LoggingService:
    """Answers about the entries of `project` in `book`; `monotonic` counts seconds."""

    def __init__(
        self,
        project: str,
        book: LogBook,
        monotonic: Callable[[], float],
        faults: Container[Fault] = frozenset(),
    ) -> None:
        self._project = project
        self._book = book
        self._monotonic = monotonic
        self._faults = faults
        self._lists: deque[float] = deque()

    def handler(self) -> grpc.GenericRpcHandler:
        """Return the methods, to be added to a server."""
        return grpc.method_handlers_generic_handler(
            "google.logging.v2.LoggingServiceV2",
            {
                "ListLogEntries": grpc.unary_unary_rpc_method_handler(
                    self._list,
                    request_deserializer=ListLogEntriesRequest.deserialize,
                    response_serializer=ListLogEntriesResponse.serialize,
                ),
                "TailLogEntries": grpc.stream_stream_rpc_method_handler(
                    self._tail,
                    request_deserializer=TailLogEntriesRequest.deserialize,
                    response_serializer=TailLogEntriesResponse.serialize,
                ),
            },
        )

    async def _list(
        self, request: ListLogEntriesRequest, context: grpc.aio.ServicerContext
    ) -> ListLogEntriesResponse:
        try:
            self._count()
            return self._page(request)
        except _Refused as refusal:
            await context.abort(refusal.code, str(refusal))

    async def _tail(
        self,
        requests: AsyncIterator[TailLogEntriesRequest],
        context: grpc.aio.ServicerContext,
    ) -> AsyncIterator[TailLogEntriesResponse]:
        requests = aiter(requests)
        first = await anext(requests, None)
        if first is None:
            return
        try:
            match = self._match(first.resource_names, first.filter)
        except _Refused as refusal:
            await context.abort(refusal.code, str(refusal))
        window = _WINDOW if first.buffer_window is None else first.buffer_window.total_seconds()
        # The client ends the stream by sending nothing more.
        hung_up = asyncio.create_task(_exhausted(requests))
        try:
            with self._book.listening(match) as listener:
                # Who has the metadata knows that from now on no entry is missed.
                await context.send_initial_metadata(())
                while await _came(listener, hung_up):
                    await asyncio.sleep(window)
                    for response in _responses(*listener.take()):
                        yield response
        finally:
            hung_up.cancel()

    def _page(self, request: ListLogEntriesRequest) -> ListLogEntriesResponse:
        if request.order_by not in _ORDERS:
            raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, "Invalid order_by.")
        match = self._match(request.resource_names, request.filter)
        size = min(request.page_size if request.page_size > 0 else 50, LARGEST_PAGE)
        after = _after(request.page_token)
        found = self._book.select(match, after, newest_first=_ORDERS[request.order_by])
        page = list(islice(found, size + 1))
        more = len(page) > size
        return ListLogEntriesResponse(
            entries=[as_message(entry) for entry in page[:size]],
            next_page_token=_token(key_of(page[size - 1])) if more else "",
        )

    def _match(self, resources: Sequence[str], text: str) -> Match:
        if not resources:
            raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, "At least one resource is required.")
        for resource in resources:
            known = resource == f"projects/{self._project}"
            if not known or Fault.LOGS_DENIED in self._faults:
                raise _Refused(
                    grpc.StatusCode.PERMISSION_DENIED,
                    "Permission 'logging.logEntries.list' denied on resource (or it may not "
                    f"exist): {resource}",
                )
        try:
            return compiled(text)
        except InvalidFilter as error:
            raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from None

    def _count(self) -> None:
        """Count a call against the quota, which cannot be raised at Google either."""
        now = self._monotonic()
        while self._lists and self._lists[0] <= now - 60:
            self._lists.popleft()
        throttled = Fault.LOGS_THROTTLED in self._faults
        if throttled or len(self._lists) >= LISTS_A_MINUTE:
            raise _Refused(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per "
                "minute' of service 'logging.googleapis.com' for consumer "
                f"'projects/{self._project}'.",
            )
        self._lists.append(now)


async def _exhausted(requests: AsyncIterator[TailLogEntriesRequest]) -> None:
    async for _ in requests:
        pass


async def _came(listener: Listener, hung_up: asyncio.Task[None]) -> bool:
    """Wait for entries; return whether they came before the client hung up."""
    news = asyncio.create_task(listener.news())
    try:
        await asyncio.wait({news, hung_up}, return_when=asyncio.FIRST_COMPLETED)
        return not hung_up.done()
    finally:
        news.cancel()


def _responses(entries: list[Entry], left_out: int) -> Iterator[TailLogEntriesResponse]:
    messages = [as_message(entry) for entry in sorted(entries, key=key_of)]
    for start in range(0, len(messages), _BATCH):
        yield TailLogEntriesResponse(entries=messages[start : start + _BATCH])
    if left_out:
        suppressed = {"reason": _NOT_CONSUMED, "suppressed_count": left_out}
        yield TailLogEntriesResponse(suppression_info=[suppressed])


def _token(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _after(token: str) -> Key | None:
    """Read a page token; None for the first page."""
    if not token:
        return None
    try:
        time, identifier = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError):
        raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, "page_token is invalid") from None
    return str(time), str(identifier)
