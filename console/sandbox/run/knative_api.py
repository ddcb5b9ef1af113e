"""Cloud Run as `gcloud` speaks to it: Knative's JSON (v1) over HTTP, and the policies of v1.

The region is in the host that is asked: `REGION-run.googleapis.com`. Source:
https://cloud.google.com/run/docs/reference/rest/v1/namespaces.services.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from google.iam.v1 import policy_pb2
from google.protobuf import json_format
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from console.sandbox.json_calls import JsonObject, an_object, read_body, strings, text
from console.sandbox.project.projects import NUMBER
from console.sandbox.run.knative import PATH, listed, revision_to, service_from, service_to
from console.sandbox.run.refused import Refused, invalid
from console.sandbox.run.run_control import RunControl

_SELECTOR: Final = re.compile(r"\s*([\w./-]+)\s*==?\s*([\w.-]+)\s*")
_LOCATION: Final = "/v1/projects/{project}/locations/{region}/services"

Answer = Callable[[Request], Awaitable[JsonObject]]


class KnativeApi:
    """Asks `control` what `gcloud` asks; `region` is meant where the host names none."""

    def __init__(self, control: RunControl, project: str, region: str) -> None:
        self._control = control
        self._project = project
        self._region = region

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        one = f"{PATH}/{{namespace}}/services/{{service}}"
        return [
            _route(f"{PATH}/{{namespace}}/services", GET=self._list, POST=self._create),
            _route(one, GET=self._get, PUT=self._replace, DELETE=self._delete),
            _route(f"{PATH}/{{namespace}}/revisions", GET=self._list_revisions),
            _route(
                f"{PATH}/{{namespace}}/revisions/{{revision}}",
                GET=self._get_revision,
                DELETE=self._delete_revision,
            ),
            _route(_LOCATION, GET=self._list_in_region),
            _route(f"{_LOCATION}/{{service}}:getIamPolicy", GET=self._policy),
            _route(f"{_LOCATION}/{{service}}:setIamPolicy", POST=self._set_policy),
            _route(f"{_LOCATION}/{{service}}:testIamPermissions", POST=self._permitted),
        ]

    async def _list(self, request: Request) -> JsonObject:
        services = self._control.services(self._parent(request))
        return listed("Service", [service_to(each) for each in services])

    async def _list_in_region(self, request: Request) -> JsonObject:
        services = self._control.services(self._in_region(request))
        return listed("Service", [service_to(each) for each in services])

    async def _get(self, request: Request) -> JsonObject:
        return service_to(self._control.service(self._name(request)))

    async def _create(self, request: Request) -> JsonObject:
        parent = self._parent(request)
        service = service_from(await read_body(request), parent)
        name = str(service.name).rpartition("/")[2]
        tried = _dry(request)
        await self._control.create(parent, name, service, tried)
        return service_to(service if tried else self._control.service(service.name))

    async def _replace(self, request: Request) -> JsonObject:
        service = service_from(await read_body(request), self._parent(request))
        if service.name != self._name(request):
            raise invalid("metadata.name: It must be the name in the address.")
        await self._control.update(service, (), _dry(request))
        return service_to(self._control.service(service.name))

    async def _delete(self, request: Request) -> JsonObject:
        await self._control.delete(self._name(request), "", _dry(request))
        return {"kind": "Status", "status": "Success"}

    async def _list_revisions(self, request: Request) -> JsonObject:
        revisions = self._control.revisions(f"{self._parent(request)}/services/-")
        found = [revision_to(each) for each in revisions]
        for label, value in _selected(request.query_params.get("labelSelector", "")):
            found = [each for each in found if _labels(each).get(label) == value]
        return listed("Revision", found)

    async def _get_revision(self, request: Request) -> JsonObject:
        return revision_to(self._control.revision(self._revision(request)))

    async def _delete_revision(self, request: Request) -> JsonObject:
        await self._control.delete_revision(self._revision(request), "", _dry(request))
        return {"kind": "Status", "status": "Success"}

    async def _policy(self, request: Request) -> JsonObject:
        return _policy(self._control.policy(self._resource(request)))

    async def _set_policy(self, request: Request) -> JsonObject:
        said = an_object((await read_body(request)).get("policy"))
        try:
            policy = json_format.ParseDict(said, policy_pb2.Policy())
        except json_format.ParseError as error:
            raise invalid(f"Invalid JSON payload received: {error}") from None
        return _policy(self._control.set_policy(self._resource(request), policy))

    async def _permitted(self, request: Request) -> JsonObject:
        asked = strings((await read_body(request)).get("permissions"))
        return {"permissions": self._control.permitted(self._resource(request), asked)}

    def _parent(self, request: Request) -> str:
        """Return the project and region that are meant by namespace and host."""
        host = request.headers.get("host", "").partition(".")[0]
        region = host.rpartition("-")[0] or self._region
        return f"projects/{self._known(request.path_params['namespace'])}/locations/{region}"

    def _in_region(self, request: Request) -> str:
        where = request.path_params
        return f"projects/{self._known(where['project'])}/locations/{where['region']}"

    def _known(self, project: str) -> str:
        return self._project if project == NUMBER else project

    def _name(self, request: Request) -> str:
        return f"{self._parent(request)}/services/{request.path_params['service']}"

    def _resource(self, request: Request) -> str:
        return f"{self._in_region(request)}/services/{request.path_params['service']}"

    def _revision(self, request: Request) -> str:
        """Return the full name of a revision, which v1 calls by its own alone."""
        parent, short = self._parent(request), request.path_params["revision"]
        every = self._control.revisions(f"{parent}/services/-")
        end = f"/revisions/{short}"
        found = next((str(each.name) for each in every if each.name.endswith(end)), None)
        return found or f"{parent}/services/-{end}"


def _route(path: str, **answers: Answer) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await answers[request.method](request))
        except Refused as refused:
            status = refused.http_status
            error = {"code": status, "message": str(refused), "status": refused.code.name}
            return JSONResponse({"error": error}, status)

    route = Route(path, endpoint, methods=sorted(answers))
    # It would answer HEAD as well, for which there is nothing here.
    route.methods = set(answers)
    return route


def _dry(request: Request) -> bool:
    return request.query_params.get("dryRun") == "all"


def _labels(revision: JsonObject) -> JsonObject:
    return an_object(an_object(revision["metadata"]).get("labels"))


def _selected(selector: str) -> list[tuple[str, str]]:
    """Read a selector such as `a = b, c = d`; raises `Refused`."""
    parts = [_SELECTOR.fullmatch(each) for each in selector.split(",") if each.strip()]
    if None in parts:
        raise invalid(f"labelSelector: '{text(selector)}' cannot be read.")
    return [(part[1], part[2]) for part in parts if part is not None]


def _policy(policy: policy_pb2.Policy) -> JsonObject:
    made: JsonObject = json_format.MessageToDict(policy)
    return made
