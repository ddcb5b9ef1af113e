"""Cloud Storage over HTTP: what is served where, and refusals in the shape a client expects.

Bytes are at `/download/…` too and uploads at `/upload/…` and `/resumable/upload/…`, as the
different clients have it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from console.sandbox.storage.batches import Batches
from console.sandbox.storage.buckets import Buckets
from console.sandbox.storage.disturbances import Disturbances
from console.sandbox.storage.downloads import Downloads
from console.sandbox.storage.metering import RequestMeter
from console.sandbox.storage.objects import Objects
from console.sandbox.storage.others import refuse_others
from console.sandbox.storage.refusals import Refused, unknown
from console.sandbox.storage.requests import object_name, segments
from console.sandbox.storage.resumable import Resumable
from console.sandbox.storage.uploads import Uploads
from console.sandbox.storage.warehouse import Warehouse
from console.sandbox.storage.xml_interface import XmlInterface

_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

Answer = Callable[[Request], Awaitable[Response]]


class StorageInterface:
    """Answers about the buckets of `project` in `warehouse`; `meter` counts what is asked.

    `knows` says whether there is a service account of an address.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        disturbances: Disturbances,
        project: str,
        meter: RequestMeter,
        knows: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._disturbances = disturbances
        self._meter = meter
        downloads = Downloads(warehouse, disturbances)
        self._resumable = Resumable(warehouse, disturbances)
        self.buckets = Buckets(warehouse, disturbances, project, knows)
        self._objects = Objects(warehouse, disturbances, downloads)
        self._uploads = Uploads(warehouse, disturbances, self._resumable)
        self._xml = XmlInterface(warehouse, disturbances, downloads)
        self._batches = Batches(self._on_json, disturbances)

    def close(self) -> None:
        """Close the files of uploads; what arrived stays."""
        self._resumable.close()

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served, after everything else: any path may be an object's."""
        return [
            *(
                Route(path, answer, methods=_METHODS)
                for path, answer in (
                    ("/storage/v1/{rest:path}", self._on_json),
                    ("/download/storage/v1/{rest:path}", self._on_json),
                    ("/upload/storage/v1/{rest:path}", self._on_json),
                    ("/resumable/upload/storage/v1/{rest:path}", self._on_json),
                )
            ),
            Route("/batch/storage/v1", self._on_batch, methods=["POST"]),
            Route("/batch", self._on_batch, methods=["POST"]),
            Route("/{bucket}", self._on_xml, methods=_METHODS),
            Route("/{bucket}/{rest:path}", self._on_xml, methods=_METHODS),
        ]

    async def _on_json(self, request: Request) -> Response:
        as_text = request.query_params.get("alt") == "media" and request.method != "POST"
        refused = Refused.as_text if as_text else Refused.as_json
        return await self._answered(request, self._json, refused)

    async def _on_batch(self, request: Request) -> Response:
        return await self._answered(request, self._batches.answer, Refused.as_json)

    async def _on_xml(self, request: Request) -> Response:
        if not _is_bucket(request.path_params["bucket"]):
            return unknown().as_json()
        return await self._answered(request, self._of_xml, Refused.as_xml)

    async def _answered(
        self, request: Request, answer: Answer, shaped: Callable[[Refused], Response]
    ) -> Response:
        response = await self._answer(request, answer, shaped)
        self._meter.note(request, response.status_code)
        return response

    async def _answer(
        self, request: Request, answer: Answer, shaped: Callable[[Refused], Response]
    ) -> Response:
        try:
            self._disturbances.admit()
            return await answer(request)
        except Refused as refused:
            return shaped(refused)
        except ClientDisconnect:
            # Nobody is there to read it.
            return Response(status_code=499)
        except RecursionError:
            return shaped(Refused(400, "parseError", "Parse Error"))
        except (OSError, sqlite3.Error) as error:
            reason = f"The storage of the sandbox failed: {error}"
            return shaped(Refused(500, "backendError", reason))

    async def _json(self, request: Request) -> Response:
        parts = segments(request)
        if "b" in parts:
            refuse_others(request.method, *parts[parts.index("b") + 1 :])
        match parts:
            case [*_, "upload", "storage", "v1", "b", bucket, "o"]:
                return await self._uploads.answer(request, bucket)
            case ["storage", "v1", "b", bucket, "o", *path]:
                return await self._objects.answer(request, bucket, path)
            case ["storage", "v1", "b", *path]:
                return await self.buckets.answer(request, path)
            case ["download", "storage", "v1", "b", bucket, "o", *path]:
                return await self._objects.answer(request, bucket, path)
            case ["storage", "v1", "projects", project, "serviceAccount"]:
                address = f"service-{project}@gs-project-accounts.iam.gserviceaccount.com"
                return JSONResponse({"kind": "storage#serviceAccount", "email_address": address})
        raise unknown()

    async def _of_xml(self, request: Request) -> Response:
        bucket, *_ = segments(request)
        name = object_name(request)
        refuse_others(request.method, bucket, "o", name)
        return await self._xml.answer(request, bucket, name)


def _is_bucket(name: str) -> bool:
    """Say whether a path may be one of the storage's: others begin with `v1` and the like."""
    return len(name) > 2
