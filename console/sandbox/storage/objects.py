"""Objects in the JSON interface: listed, looked up, changed, copied, put together, removed.

Source: https://cloud.google.com/storage/docs/json_api/v1/objects.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from console.sandbox.storage.conditions import Conditions, number
from console.sandbox.storage.disturbances import Disturbances
from console.sandbox.storage.downloads import Downloads
from console.sandbox.storage.listing import listed
from console.sandbox.storage.records import JsonObject, Version
from console.sandbox.storage.refusals import invalid, required, unknown
from console.sandbox.storage.requests import collected, document
from console.sandbox.storage.resources import amended, class_named, object_resource, properties
from console.sandbox.storage.warehouse import Draft, Warehouse

_MOST_COMPONENTS: Final = 32


class Objects:
    """The methods under `/b/BUCKET/o`, uploads apart; all of them raise `Refused`."""

    def __init__(
        self, warehouse: Warehouse, disturbances: Disturbances, downloads: Downloads
    ) -> None:
        self._warehouse = warehouse
        self._disturbances = disturbances
        self._downloads = downloads

    async def answer(self, request: Request, bucket: str, path: list[str]) -> Response:
        """Answer a request; `path` is what follows `/b/BUCKET/o`, decoded."""
        match [request.method, *path]:
            case ["GET"]:
                return self._list(request, bucket)
            case ["GET" | "HEAD", name]:
                return self._get(request, bucket, name)
            case ["PATCH" | "PUT", name]:
                return await self._change(request, bucket, name)
            case ["DELETE", name]:
                return self._delete(request, bucket, name)
            case ["POST", name, "compose"]:
                return await self._compose(request, bucket, name)
            case ["POST", name, "restore"]:
                return self._restore(request, bucket, name)
            case ["POST", name, "rewriteTo" | "copyTo" as verb, "b", to_bucket, "o", to_name]:
                source = self._source(request, bucket, name)
                return await self._copy(request, source, to_bucket, to_name, verb)
            case ["POST", name, "moveTo", "o", to_name]:
                return self._move(request, self._source(request, bucket, name), to_name)
        raise unknown()

    def _permit(self, verb: str) -> None:
        self._disturbances.permit(f"storage.objects.{verb}", "object")

    def _shown(self, request: Request, version: Version) -> Response:
        resource = object_resource(version, request.headers.get("host", ""))
        return JSONResponse(resource, headers={"ETag": str(resource["etag"])})

    def _found(self, request: Request, bucket: str, name: str, reading: bool = False) -> Version:
        query = request.query_params
        found = self._warehouse.find(bucket, name, number(query, "generation"))
        Conditions.of(query).check(found, reading)
        return found

    def _list(self, request: Request, bucket: str) -> Response:
        self._disturbances.permit("storage.objects.list", "bucket")
        self._warehouse.bucket(bucket)
        self._warehouse.expire()
        host = request.headers.get("host", "")
        return JSONResponse(listed(self._warehouse.catalogue, bucket, request.query_params, host))

    def _get(self, request: Request, bucket: str, name: str) -> Response:
        query = request.query_params
        if query.get("alt") == "media":
            return self._downloads.answer(request, bucket, name)
        self._permit("get")
        if query.get("softDeleted", "").lower() == "true":
            generation = number(query, "generation")
            if generation is None:
                raise required("generation")
            return self._shown(request, self._warehouse.find_deleted(bucket, name, generation))
        return self._shown(request, self._found(request, bucket, name, reading=True))

    async def _change(self, request: Request, bucket: str, name: str) -> Response:
        self._permit("update")
        said = document(await collected(self._disturbances.body(request)))
        found = self._found(request, bucket, name)
        patching = request.method == "PATCH"
        new = properties(amended(found.properties, said) if patching else said)
        return self._shown(request, self._warehouse.amend(found, new))

    def _delete(self, request: Request, bucket: str, name: str) -> Response:
        self._permit("delete")
        found = self._found(request, bucket, name)
        held = self._warehouse.bucket(bucket)
        self._warehouse.delete(held, found, for_good="generation" in request.query_params)
        return Response(status_code=204)

    def _source(self, request: Request, bucket: str, name: str) -> Version:
        self._permit("get")
        query = request.query_params
        found = self._warehouse.find(bucket, name, number(query, "sourceGeneration"))
        Conditions.of(query, "ifSource").check(found)
        return found

    async def _copy(
        self, request: Request, source: Version, bucket: str, name: str, verb: str
    ) -> Response:
        self._permit("create")
        said = document(await collected(self._disturbances.body(request)))
        held = self._warehouse.bucket(bucket)
        Conditions.of(request.query_params).check(self._warehouse.catalogue.live(bucket, name))
        draft = replace(
            _draft_of(source),
            # Metadata is replaced as a whole or not at all.
            properties=properties(said) if said else source.properties,
            storage_class=class_named(said),
        )
        copy = self._warehouse.store(held, name, draft)
        if verb == "copyTo":
            return self._shown(request, copy)
        return JSONResponse(
            {
                "kind": "storage#rewriteResponse",
                "totalBytesRewritten": str(copy.size),
                "objectSize": str(copy.size),
                "done": True,
                "resource": object_resource(copy, request.headers.get("host", "")),
            }
        )

    def _move(self, request: Request, source: Version, name: str) -> Response:
        """Give an object another name; the old one is gone at once, and cannot be restored."""
        self._permit("create")
        self._permit("delete")
        if name == source.name:
            raise invalid("The source and destination object names must be different.")
        held = self._warehouse.bucket(source.bucket)
        Conditions.of(request.query_params).check(
            self._warehouse.catalogue.live(source.bucket, name)
        )
        draft = replace(
            _draft_of(source),
            properties=source.properties,
            storage_class=source.storage_class,
            parts_tag=source.parts_tag,
        )
        moved = self._warehouse.store(held, name, draft)
        self._warehouse.drop(source)
        return self._shown(request, moved)

    def _restore(self, request: Request, bucket: str, name: str) -> Response:
        self._permit("restore")
        self._permit("create")
        query = request.query_params
        generation = number(query, "generation")
        if generation is None:
            raise required("generation")
        deleted = self._warehouse.find_deleted(bucket, name, generation)
        Conditions.of(query).check(self._warehouse.catalogue.live(bucket, name))
        draft = replace(
            _draft_of(deleted),
            properties=deleted.properties,
            storage_class=deleted.storage_class,
        )
        held = self._warehouse.bucket(bucket)
        return self._shown(request, self._warehouse.store(held, name, draft))

    async def _compose(self, request: Request, bucket: str, name: str) -> Response:
        self._permit("create")
        said = document(await collected(self._disturbances.body(request)))
        held = self._warehouse.bucket(bucket)
        conditions = Conditions.of(request.query_params)
        conditions.check(self._warehouse.catalogue.live(bucket, name))
        sources = [self._component(bucket, each) for each in _components(said)]
        destination = said.get("destination")
        resource: JsonObject = destination if isinstance(destination, dict) else {}
        if "contentType" not in resource and sources[0].properties.get("contentType"):
            resource = {**resource, "contentType": sources[0].properties["contentType"]}
        draft = Draft("", 0, "", "", properties(resource), class_named(resource))
        incoming = self._warehouse.incoming()
        try:
            await incoming.copy([self._warehouse.file(each.content) for each in sources])
            conditions.check(self._warehouse.catalogue.live(bucket, name))
            draft = replace(
                draft,
                content=incoming.path.name,
                size=incoming.digest.size,
                crc32c=incoming.digest.crc32c,
                components=sum(each.components or 1 for each in sources),
            )
            made = self._warehouse.store(held, name, draft)
        except BaseException:
            incoming.discard()
            raise
        incoming.close()
        return self._shown(request, made)

    def _component(self, bucket: str, said: JsonObject) -> Version:
        generation = str(said.get("generation") or "")
        found = self._warehouse.find(
            bucket, str(said.get("name") or ""), number({"generation": generation}, "generation")
        )
        demanded = said.get("objectPreconditions")
        if isinstance(demanded, dict):
            Conditions.of({key: str(value) for key, value in demanded.items()}).check(found)
        return found


def _draft_of(version: Version) -> Draft:
    return Draft(
        content=version.content,
        size=version.size,
        crc32c=version.crc32c,
        md5=version.md5,
        components=version.components,
    )


def _components(said: JsonObject) -> list[JsonObject]:
    listed_sources = said.get("sourceObjects")
    sources = listed_sources if isinstance(listed_sources, list) else []
    if not sources or not all(isinstance(each, dict) for each in sources):
        raise invalid("You must provide at least one source component.")
    if len(sources) > _MOST_COMPONENTS:
        raise invalid(
            f"The number of source components provided ({len(sources)}) exceeds the maximum "
            f"({_MOST_COMPONENTS})"
        )
    return sources
