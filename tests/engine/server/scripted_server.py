"""The service on a real socket around a pipeline whose steps wait for the test to allow them."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any

import httpx
import uvicorn
from scripted_pipeline import PATIENCE, ScriptedPipeline

from engine.log import Log
from engine.schema import GenerationEvent, GenerationRequest, Picture, Size, Step
from engine.server.app import create_app
from engine.server.listen import open_port
from engine.settings import Settings
from engine.timeline import Timeline
from engine.worker import Worker


class PreviewingPipeline(ScriptedPipeline):
    """Gives the first steps previews, as many as were asked for, and keeps the requests.

    `tiny` makes every picture a small one, whatever was asked for.
    """

    def __init__(self, *, tiny: bool = False) -> None:
        super().__init__()
        self.requests: list[GenerationRequest] = []
        self._tiny = tiny

    def generate(
        self, request: GenerationRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[GenerationEvent]:
        self.requests.append(request)
        if self._tiny:
            request = replace(request, size=Size(16, 16))
        for event in super().generate(request, cancelled):
            if isinstance(event, Step) and event.index <= request.previews:
                yield replace(event, preview=Picture(8, 4, bytes([event.index * 20, 0, 0]) * 32))
            else:
                yield event


class ScriptedServer:
    """A service with one place in its queue. Use as a context manager."""

    def __init__(self, settings: Settings | None = None, *, tiny: bool = False) -> None:
        self.pipeline = PreviewingPipeline(tiny=tiny)
        self._log = io.StringIO()
        timeline = Timeline()
        self.worker = Worker(lambda _: self.pipeline, timeline, capacity=1)
        app = create_app(self.worker, timeline, settings or Settings(), Log(self._log))
        config = uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_config=None)
        self._server = uvicorn.Server(config)
        self._socket = open_port("127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.client = httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=False)

    def __enter__(self) -> ScriptedServer:
        self.worker.start()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()
        self.pipeline.free()
        self.worker.stop()
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self._socket.close()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log so far."""
        return [json.loads(line) for line in self._log.getvalue().splitlines()]
