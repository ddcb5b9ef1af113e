"""Buckets in the JSON interface: made, looked up, changed, removed, and who may use them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from console.sandbox.storage import bucket_settings
from console.sandbox.storage.conditions import Conditions
from console.sandbox.storage.disturbances import Disturbances
from console.sandbox.storage.others import SOMEBODY_ELSES, not_available
from console.sandbox.storage.records import Bucket, JsonObject, State
from console.sandbox.storage.refusals import Refused, required, unknown
from console.sandbox.storage.requests import collected, document, page_begin, page_size
from console.sandbox.storage.requests import page_token as token_of
from console.sandbox.storage.resources import bucket_resource, etag
from console.sandbox.storage.warehouse import Warehouse

_WITH_CONDITIONS: Final = 3
"""The version of policies that have conditions."""

_PUBLIC: Final = frozenset({"allUsers", "allAuthenticatedUsers"})


class Buckets:
    """The methods under `/b`; buckets belong to `project`. All of them raise `Refused`.

    `knows` says whether there is a service account of an address, as far as policies can tell.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        disturbances: Disturbances,
        project: str,
        knows: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._knows = knows
        self._warehouse = warehouse
        self._disturbances = disturbances
        self._project = project

    async def answer(self, request: Request, path: list[str]) -> Response:
        """Answer a request; `path` is what follows `/b`, decoded."""
        match [request.method, *path]:
            case ["GET"]:
                return self._list(request)
            case ["POST"]:
                return await self._insert(request)
            case ["GET", name]:
                self._permit("get")
                return self._shown(request, self._held(request.query_params, name, reading=True))
            case ["PATCH" | "PUT", name]:
                return await self._change(request, name)
            case ["DELETE", name]:
                return self._delete(request, name)
            case ["GET", name, "storageLayout"]:
                return self._layout(name)
            case ["GET", name, "managedFolders" | "folders" | "anywhereCaches" as kind]:
                self._permit("get")
                self._warehouse.bucket(name)
                return JSONResponse({"kind": f"storage#{kind}", "items": []})
            case ["GET", name, "iam"]:
                self._permit("getIamPolicy")
                return JSONResponse(self._warehouse.bucket(name).policy)
            case ["PUT", name, "iam"]:
                return await self._set_policy(request, name)
            case ["GET", name, "iam", "testPermissions"]:
                return self._test_permissions(request, name)
        raise unknown()

    def make(self, name: str, said: JsonObject) -> Bucket:
        """Make a bucket."""
        now = self._warehouse.now()
        bucket = Bucket(
            name=bucket_settings.check_name(name),
            generation=self._warehouse.next_generation(),
            created=now,
            updated=now,
            settings=bucket_settings.initial(said, now),
            policy=_policy(1, self._default_bindings()),
        )
        if name in SOMEBODY_ELSES or self._disturbances.name_is_taken:
            raise not_available()
        if self._warehouse.catalogue.bucket(name) is not None:
            raise Refused(
                409,
                "conflict",
                "Your previous request to create the named bucket succeeded and you already own "
                "it.",
                "BucketAlreadyOwnedByYou",
            )
        self._warehouse.catalogue.put_bucket(bucket)
        self._warehouse.mounts.open(name)
        return bucket

    def _default_bindings(self) -> list[object]:
        return [
            {
                "role": f"roles/storage.legacyBucket{role}",
                "members": [f"project{members}:{self._project}"],
            }
            for role, members in (("Owner", "Owner"), ("Reader", "Viewer"))
        ]

    def _permit(self, verb: str, what: str = "bucket") -> None:
        self._disturbances.permit(f"storage.buckets.{verb}", what)

    def _in_project(self, request: Request, verb: str) -> None:
        project = request.query_params.get("project", "")
        if not project:
            raise required("project")
        self._permit(verb, "project")
        if project != self._project:
            raise Refused(403, "forbidden", f"Unknown project id: {project}")

    def _held(self, query: QueryParams, name: str, reading: bool = False) -> Bucket:
        bucket = self._warehouse.bucket(name)
        conditions = Conditions.of(query)
        Conditions(
            metageneration=conditions.metageneration,
            not_metageneration=conditions.not_metageneration,
        ).check(bucket, reading)
        return bucket

    def _shown(self, request: Request, bucket: Bucket) -> Response:
        resource = bucket_resource(bucket, request.headers.get("host", ""))
        return JSONResponse(resource, headers={"ETag": str(resource["etag"])})

    def _list(self, request: Request) -> Response:
        self._in_project(request, "list")
        query = request.query_params
        begin, _ = page_begin(query)
        size = page_size(query)
        found = [
            bucket
            for bucket in self._warehouse.catalogue.buckets()
            if bucket.name >= begin and bucket.name.startswith(query.get("prefix", ""))
        ]
        host = request.headers.get("host", "")
        answer: JsonObject = {
            "kind": "storage#buckets",
            "items": [bucket_resource(bucket, host) for bucket in found[:size]],
        }
        if len(found) > size:
            answer["nextPageToken"] = token_of(found[size].name, 0)
        return JSONResponse(answer)

    async def _insert(self, request: Request) -> Response:
        self._in_project(request, "create")
        said = document(await collected(self._disturbances.body(request)))
        name = bucket_settings.check_name(said.get("name"))
        return self._shown(request, self.make(name, said))

    async def _change(self, request: Request, name: str) -> Response:
        self._permit("update")
        patch = document(await collected(self._disturbances.body(request)))
        bucket = self._held(request.query_params, name)
        now = self._warehouse.now()
        change = bucket_settings.changed if request.method == "PATCH" else bucket_settings.replaced
        return self._shown(
            request, self._kept(bucket, settings=change(bucket.settings, patch, now))
        )

    def _kept(self, bucket: Bucket, settings: JsonObject) -> Bucket:
        new = replace(
            bucket,
            settings=settings,
            metageneration=bucket.metageneration + 1,
            updated=self._warehouse.now(),
        )
        self._warehouse.catalogue.put_bucket(new)
        return new

    def _delete(self, request: Request, name: str) -> Response:
        self._permit("delete")
        self._held(request.query_params, name)
        kept = self._warehouse.catalogue.versions(name, [State.LIVE, State.NONCURRENT])
        if any(True for _ in kept):
            raise Refused(409, "conflict", "The bucket you tried to delete is not empty.")
        self._warehouse.remove(name)
        return Response(status_code=204)

    def _layout(self, name: str) -> Response:
        self._disturbances.permit("storage.objects.list", "bucket")
        bucket = self._warehouse.bucket(name)
        return JSONResponse(
            {
                "kind": "storage#storageLayout",
                "bucket": name,
                "location": bucket.settings["location"],
                "locationType": "region",
                "hierarchicalNamespace": {"enabled": False},
            }
        )

    async def _set_policy(self, request: Request, name: str) -> Response:
        self._permit("setIamPolicy")
        said = document(await collected(self._disturbances.body(request)))
        bucket = self._warehouse.bucket(name)
        if said.get("etag") not in (None, "", bucket.policy.get("etag")):
            message = "At least one of the pre-conditions you specified did not hold."
            raise Refused(412, "conditionNotMet", message)
        bindings = _listed(said.get("bindings"))
        if _prevents_public(bucket) and _PUBLIC & set(_members(bindings)):
            raise Refused(
                412,
                "conditionNotMet",
                "The member bindings allUsers and allAuthenticatedUsers are not allowed since "
                "public access prevention is enforced.",
            )
        for member in _members(bindings):
            kind, _, address = member.partition(":")
            if kind == "serviceAccount" and not self._knows(address):
                raise Refused(400, "invalid", f"Service account {address} does not exist.")
        if _conditional(bindings) and said.get("version") != _WITH_CONDITIONS:
            message = "Must specify policy version 3 when the policy contains conditions."
            raise Refused(400, "invalid", message)
        policy = _policy(_number(bucket.policy) + 1, bindings)
        self._warehouse.catalogue.put_bucket(replace(bucket, policy=policy))
        return JSONResponse(policy)

    def _test_permissions(self, request: Request, name: str) -> Response:
        self._warehouse.bucket(name)
        held = []
        for permission in request.query_params.getlist("permissions"):
            try:
                self._disturbances.permit(permission, "bucket")
            except Refused:
                continue
            held.append(permission)
        answer: JsonObject = {"kind": "storage#testIamPermissionsResponse"}
        return JSONResponse(answer | ({"permissions": held} if held else {}))


def _policy(number: int, bindings: list[object]) -> JsonObject:
    """Return a policy; its entity tag counts how often it was set."""
    return {
        "kind": "storage#policy",
        "version": _WITH_CONDITIONS if _conditional(bindings) else 1,
        "etag": etag(0, number),
        "bindings": bindings,
    }


def _conditional(bindings: Iterable[object]) -> bool:
    return any(isinstance(each, dict) and each.get("condition") for each in bindings)


def _number(policy: JsonObject) -> int:
    return int(base64.b64decode(str(policy["etag"])).rpartition(b"/")[2], 16)


def _members(bindings: Iterable[object]) -> list[str]:
    return [
        str(member)
        for binding in bindings
        if isinstance(binding, dict)
        for member in _listed(binding.get("members"))
    ]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _prevents_public(bucket: Bucket) -> bool:
    access = bucket.settings.get("iamConfiguration")
    return isinstance(access, dict) and access.get("publicAccessPrevention") == "enforced"
