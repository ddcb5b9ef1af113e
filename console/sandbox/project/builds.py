"""Cloud Build v1: builds are taken in, carried out one after the other, and told of.

Source: https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

import grpc
from starlette.routing import BaseRoute

from console.sandbox.faults import Fault, Faults
from console.sandbox.json_calls import (
    Call,
    JsonObject,
    an_object,
    denied,
    json_route,
    page,
    strings,
    text,
    unknown,
)
from console.sandbox.logs.log_book import LogBook
from console.sandbox.moments import Clock, written
from console.sandbox.project.build_request import checked, seconds
from console.sandbox.project.build_worker import BuildFailed, BuildWorker
from console.sandbox.project.platform_state import PlatformState
from console.sandbox.project.projects import NUMBER
from console.sandbox.project.registry import Registry
from console.sandbox.run.refused import Refused, invalid
from console.sandbox.run.services import BadState

SERVICE: Final = "cloudbuild.googleapis.com"
GLOBAL: Final = "global"
INSTRUCTION_SECONDS: Final = 0.25
"""How long one instruction of a Dockerfile takes."""

_WORKING: Final = ("QUEUED", "WORKING")
_METADATA: Final = "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata"
_KEPT_OF_REQUEST: Final = (
    *("source", "steps", "images", "timeout", "queueTtl", "options", "substitutions", "tags"),
    *("serviceAccount", "artifacts", "availableSecrets"),
)


class Builds:
    """The builds of `project`, logged into `book`; `require` raises `Refused` if it is off.

    `source` finds the file of an object in a bucket. A build that was under way when the sandbox
    ended has failed. Close it to break off what is under way.
    """

    def __init__(
        self,
        project: str,
        state: PlatformState,
        registry: Registry,
        book: LogBook,
        clock: Clock,
        new_hex: Callable[[int], str],
        require: Callable[[str], None],
        source: Callable[[str, str], Path | None],
        instruction_seconds: float = INSTRUCTION_SECONDS,
        faults: Faults | None = None,
    ) -> None:
        self._project = project
        self._state = state
        self._book = book
        self._clock = clock
        self._new_hex = new_hex
        self._require = require
        faults = Faults() if faults is None else faults

        async def pause() -> None:
            await asyncio.sleep(instruction_seconds + faults.amount(Fault.BUILD_SLOW))

        self._worker = BuildWorker(source, registry, pause, faults)
        self._one_at_a_time = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._numbers = itertools.count(1)
        self._settle()

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served; builds without a location are global ones."""
        everywhere = ("/v1/projects/{project}", "/v1/projects/{project}/locations/{location}")
        return [
            *(
                route
                for base in everywhere
                for route in (
                    json_route(base + "/builds", GET=self._list, POST=self._create),
                    json_route(base + "/builds/{build}", GET=self._get, POST=self._cancel),
                )
            ),
            json_route("/v1/operations/build/{project}/{operation}", GET=self._operation),
            json_route(everywhere[1] + "/operations/{operation}", GET=self._operation),
        ]

    async def close(self) -> None:
        """Break off what is under way."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _settle(self) -> None:
        for build in self._state.builds.values():
            if build["status"] in _WORKING:
                self._end(
                    build, "INTERNAL_ERROR", "the sandbox ended while the build was under way"
                )

    def _create(self, call: Call) -> JsonObject:
        location = self._admit(call, "create")
        identifier = _uuid(self._new_hex)
        builtin = {
            "PROJECT_ID": self._project,
            "PROJECT_NUMBER": NUMBER,
            "BUILD_ID": identifier,
            "LOCATION": location,
        }
        asked = checked(call.body, builtin)
        name = f"projects/{self._project}/locations/{location}/builds/{identifier}"
        build: JsonObject = {
            "name": name,
            "id": identifier,
            "projectId": self._project,
            "status": "QUEUED",
            "createTime": written(self._clock()),
            "queueTtl": "3600s",
            "timeout": "3600s",
            **{key: asked[key] for key in _KEPT_OF_REQUEST if asked.get(key)},
        }
        # Where the log is to be found: there is no other place for it here.
        build["options"] = {**an_object(build.get("options")), "logging": "CLOUD_LOGGING_ONLY"}
        self._state.builds[name] = build
        self._state.save()
        task = asyncio.get_running_loop().create_task(self._run(build))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))
        return self._as_operation(build)

    async def _run(self, build: JsonObject) -> None:
        longest = seconds(build["timeout"])
        try:
            async with self._one_at_a_time, asyncio.timeout(longest):
                build |= {"status": "WORKING", "startTime": written(self._clock())}
                self._state.save()
                build["results"] = await self._worker.run(
                    build, lambda step, line: self._log(build, step, line)
                )
                self._end(build, "SUCCESS")
        except BuildFailed as failed:
            self._log(build, "MAIN", f"ERROR: {failed}")
            build["failureInfo"] = {"type": failed.kind, "detail": f"Build failed: {failed}"}
            self._end(build, "FAILURE", str(failed))
        except TimeoutError:
            self._log(build, "MAIN", "TIMEOUT")
            self._end(build, "TIMEOUT", f"the build took longer than {longest:g} s")
        except BadState as error:
            self._log(build, "MAIN", f"ERROR: {error}")
        except asyncio.CancelledError:
            if build["status"] in _WORKING:
                self._end(build, "INTERNAL_ERROR", "the sandbox ended")

    def _end(self, build: JsonObject, status: str, why: str = "") -> None:
        build |= {"status": status, "finishTime": written(self._clock())}
        if why:
            build["statusDetail"] = why
        self._state.save()

    def _log(self, build: JsonObject, step: str, line: str) -> None:
        now = written(self._clock())
        self._book.append(
            {
                "logName": f"projects/{self._project}/logs/{quote('cloudbuild', safe='')}",
                "resource": {
                    "type": "build",
                    "labels": {
                        "project_id": self._project,
                        "build_id": build["id"],
                        "build_trigger_id": "",
                    },
                },
                "labels": {"build_step": step, "build_tags": ""},
                "severity": "ERROR" if line.startswith("ERROR") else "INFO",
                "timestamp": now,
                "receiveTimestamp": now,
                "insertId": f"{build['id']}-{next(self._numbers):06d}",
                "textPayload": line,
            }
        )

    def _get(self, call: Call) -> JsonObject:
        self._admit(call, "get")
        return self._found(call.path["build"])

    def _list(self, call: Call) -> JsonObject:
        location = self._admit(call, "list")
        start = f"projects/{self._project}/locations/{location}/"
        builds = [
            each
            for name, each in reversed(self._state.builds.items())
            if name.startswith(start.replace("locations/-/", ""))
            and _passes(each, call.query.get("filter", ""))
        ]
        return page(builds, call, "builds", 100)

    def _cancel(self, call: Call) -> JsonObject:
        identifier, _, method = call.path["build"].partition(":")
        self._admit(call, "update")
        build = self._found(identifier)
        if method != "cancel":
            raise invalid(f"there is no method {method!r} of a build")
        if build["status"] not in _WORKING:
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "Build has already finished.")
        self._log(build, "MAIN", "CANCELLED")
        self._end(build, "CANCELLED")
        if task := self._tasks.get(text(build["name"])):
            task.cancel()
        return build

    def _operation(self, call: Call) -> JsonObject:
        self._admit(call, "get")
        try:
            padded = call.path["operation"] + "=" * (-len(call.path["operation"]) % 4)
            identifier = base64.urlsafe_b64decode(padded).decode()
        except ValueError:
            raise unknown(call.path["operation"]) from None
        return self._as_operation(self._found(identifier))

    def _found(self, identifier: str) -> JsonObject:
        for build in self._state.builds.values():
            if build["id"] == identifier:
                return build
        raise unknown(f"build {identifier}")

    def _admit(self, call: Call, verb: str) -> str:
        """Return the location; raises `Refused`."""
        self._require(SERVICE)
        project = call.path["project"]
        if project not in (self._project, NUMBER):
            raise denied(f"cloudbuild.builds.{verb}", f"projects/{project}")
        return call.path.get("location", GLOBAL)

    def _as_operation(self, build: JsonObject) -> JsonObject:
        token = base64.urlsafe_b64encode(text(build["id"]).encode()).decode().rstrip("=")
        metadata = {"@type": _METADATA, "build": build}
        operation: JsonObject = {
            "name": f"operations/build/{self._project}/{token}",
            "metadata": metadata,
        }
        if build["status"] == "SUCCESS":
            kind = "type.googleapis.com/google.devtools.cloudbuild.v1.Build"
            return {**operation, "done": True, "response": {"@type": kind, **build}}
        if build["status"] not in _WORKING:
            error = {"code": 2, "message": build.get("statusDetail", build["status"])}
            return {**operation, "done": True, "error": error}
        return operation


def _passes(build: JsonObject, wanted: str) -> bool:
    """Say whether a build passes a filter: `status="WORKING"`, `tags="a"`, or nothing asked."""
    if not wanted:
        return True
    field, equals, value = wanted.partition("=")
    value = value.strip().strip('"')
    match (field.strip(), equals):
        case ("status", "="):
            return bool(build["status"] == value)
        case ("tags", "="):
            return value in strings(build.get("tags"))
    raise invalid(f"the filter {wanted!r} is not supported")


def _uuid(new_hex: Callable[[int], str]) -> str:
    digits = new_hex(16)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
