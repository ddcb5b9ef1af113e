"""The routes of the service.

/                        the web page
/v1/images/generations   pictures, OpenAI's way (POST; `stream: true` for progress)
/sdapi/v1/...            pictures, AUTOMATIC1111's way
/predict                 pictures, Vertex AI's and KServe's way (POST)
/v1/models[/NAME]        the loaded model
/openapi.json            all of this as an OpenAPI document
/v1/timeline             the moments of this start
/readyz                  200 when pictures can be made, 503 with the progress before
/healthz                 200 as soon as the process listens
/metrics                 figures, as Prometheus reads them
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from engine.errors import EngineError
from engine.log import Log
from engine.schema import SCHEMA_VERSION, InvalidRequest, Readiness
from engine.server.access import Access, note
from engine.server.desk import OrderDesk
from engine.server.images import ImageService
from engine.server.metrics import Metrics
from engine.server.openapi import OpenApi
from engine.server.page import page_routes
from engine.server.predict import PredictService
from engine.server.refusals import Refusal, Refused, refusal_for
from engine.server.txt2img import Txt2ImgService
from engine.settings import Settings
from engine.timeline import Timeline
from engine.worker import Worker


def new_request_id() -> str:
    """Return an identifier that no other request has."""
    return f"req_{uuid.uuid4().hex}"


def create_app(
    worker: Worker,
    timeline: Timeline,
    settings: Settings,
    log: Log,
    *,
    metrics: Metrics | None = None,
    now: Callable[[], float] = time.time,
    new_id: Callable[[], str] = new_request_id,
) -> ASGIApp:
    """Return the ASGI application; `now` gives seconds since 1970.

    `metrics` is what the worker tells its events to, if anybody wants to see them.
    """
    state = _State(worker, timeline)
    metrics = metrics or Metrics(timeline)
    metrics.watch(worker, settings.queue)
    desk = OrderDesk(worker, log_prompts=settings.log_prompts, metadata=settings.png_metadata)
    app = Starlette(
        routes=[
            *page_routes(),
            Route("/healthz", _alive),
            Route("/metrics", metrics.show),
            Route("/readyz", state.ready),
            Route("/v1/timeline", state.timeline),
            Route("/v1/models", state.models),
            *ImageService(desk, now).routes(),
            *Txt2ImgService(desk, time.monotonic).routes(),
            *PredictService(desk, settings.predict_route).routes(),
            *OpenApi(with_key=bool(settings.api_key)).routes(),
            Route("/v1/models/{name:path}", state.model),
            *([Route(settings.health_route, state.ready)] if settings.health_route else []),
        ],
        exception_handlers=dict.fromkeys(
            (EngineError, InvalidRequest, Refused, HTTPException, ClientDisconnect, Exception),
            _refuse,
        ),
    )
    return Access(app, log, settings, new_id=new_id, observer=metrics)


class _State:
    """What the engine says of itself."""

    def __init__(self, worker: Worker, timeline: Timeline) -> None:
        self._worker = worker
        self._timeline = timeline

    async def ready(self, request: Request) -> Response:
        readiness = self._timeline.readiness()
        if readiness.ready and self._worker.stopping:
            readiness = Readiness(False, readiness.phase, readiness.percent, "shutting down")
        return JSONResponse(readiness.to_json(), 200 if readiness.ready else 503)

    async def timeline(self, request: Request) -> Response:
        events = [event.to_json() for event in self._timeline.events()]
        return JSONResponse({"schema_version": SCHEMA_VERSION, "events": events})

    async def models(self, request: Request) -> Response:
        return JSONResponse({"object": "list", "data": self._loaded()})

    async def model(self, request: Request) -> Response:
        name = request.path_params["name"]
        for model in self._loaded():
            if model["id"] == name:
                return JSONResponse(model)
        message = f"model {name[:80]!r} is not loaded; GET /v1/models names the one that is"
        raise Refused(Refusal(404, message, "model_not_found", "model"))

    def _loaded(self) -> list[dict[str, object]]:
        pipeline = self._worker.pipeline
        if pipeline is None:
            return []
        facts = {"object": "model", "created": 0, "owned_by": "local"}
        return [{"id": pipeline.name, **facts, "native_size": str(pipeline.native_size)}]


async def _alive(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _refuse(request: Request, error: Exception) -> Response:
    note(request, failure=error)
    return refusal_for(error).response()
