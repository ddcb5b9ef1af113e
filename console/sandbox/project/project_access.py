"""Who may do what in the sandbox's project: its policy, and which permissions there are just now.

Source: https://cloud.google.com/resource-manager/reference/rest/v3/projects.
"""

from __future__ import annotations

import base64
from collections.abc import Container
from typing import Final

import grpc
from starlette.routing import BaseRoute

from console.sandbox.faults import Fault
from console.sandbox.json_calls import (
    Call,
    JsonObject,
    an_object,
    denied,
    json_route,
    objects,
    strings,
)
from console.sandbox.project.platform_state import PlatformState
from console.sandbox.project.projects import NUMBER
from console.sandbox.run.demo_service import OPERATOR
from console.sandbox.run.refused import Refused

_FIRST_ETAG: Final = base64.b64encode(bytes(8)).decode()
_MISSING: Final = {
    Fault.SERVICES_DENIED: "run.",
    Fault.LOGS_DENIED: "logging.",
    Fault.METRICS_DENIED: "monitoring.",
    Fault.STORAGE_DENIED: "storage.",
}


class ProjectAccess:
    """Answers about the policy of `project`: at first its operator owns it."""

    def __init__(self, project: str, state: PlatformState, faults: Container[Fault]) -> None:
        self._project = project
        self._state = state
        self._faults = faults

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        return [
            json_route(f"/{version}/projects/{{project}}:{method}", POST=answer)
            for version in ("v1", "v3")
            for method, answer in (
                ("getIamPolicy", self._policy),
                ("setIamPolicy", self._set_policy),
                ("testIamPermissions", self._permissions),
            )
        ]

    def _policy(self, call: Call) -> JsonObject:
        self._admit(call, "getIamPolicy")
        owner = {"role": "roles/owner", "members": [f"user:{OPERATOR}"]}
        return self._state.policy or {"version": 1, "etag": _FIRST_ETAG, "bindings": [owner]}

    def _set_policy(self, call: Call) -> JsonObject:
        self._admit(call, "setIamPolicy")
        before, said = self._policy(call), an_object(call.body.get("policy"))
        if said.get("etag", before["etag"]) != before["etag"]:
            raise Refused(
                grpc.StatusCode.ABORTED,
                "There were concurrent policy changes. Please retry the whole read-modify-write "
                "with exponential backoff.",
            )
        number = int.from_bytes(base64.b64decode(str(before["etag"]))) + 1
        self._state.policy = {
            "version": 1,
            "etag": base64.b64encode(number.to_bytes(8)).decode(),
            "bindings": objects(said.get("bindings")),
        }
        self._state.save()
        return self._state.policy

    def _permissions(self, call: Call) -> JsonObject:
        """Return those of the permissions asked for that no fault takes away."""
        self._admit(call, "get")
        missing = tuple(start for fault, start in _MISSING.items() if fault in self._faults)
        asked = strings(call.body.get("permissions"))
        return {"permissions": [each for each in asked if not each.startswith(missing)]}

    def _admit(self, call: Call, verb: str) -> None:
        project = call.path["project"]
        if project not in (self._project, NUMBER):
            raise denied(f"resourcemanager.projects.{verb}", f"projects/{project}")
