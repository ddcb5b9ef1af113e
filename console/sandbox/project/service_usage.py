"""Service Usage v1: which of Google's interfaces are switched on in the project.

Source: https://cloud.google.com/service-usage/docs/reference/rest/v1/services.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import grpc
from starlette.routing import BaseRoute

from console.sandbox.json_calls import Call, Detailed, JsonObject, denied, json_route, page, strings
from console.sandbox.project.platform_state import PlatformState
from console.sandbox.project.projects import NUMBER
from console.sandbox.run.refused import Refused, invalid

TITLES: Final = {
    "artifactregistry.googleapis.com": "Artifact Registry API",
    "cloudbilling.googleapis.com": "Cloud Billing API",
    "cloudbuild.googleapis.com": "Cloud Build API",
    "cloudquotas.googleapis.com": "Cloud Quotas API",
    "cloudresourcemanager.googleapis.com": "Cloud Resource Manager API",
    "iam.googleapis.com": "Identity and Access Management (IAM) API",
    "logging.googleapis.com": "Cloud Logging API",
    "monitoring.googleapis.com": "Cloud Monitoring API",
    "run.googleapis.com": "Cloud Run Admin API",
    "serviceusage.googleapis.com": "Service Usage API",
    "storage.googleapis.com": "Cloud Storage API",
}
_MOST_AT_ONCE: Final = 20
_DONE: Final = "operations/noop.DONE_OPERATION"


class ServiceUsage:
    """Answers about the interfaces of `project`; `new_hex` makes names of operations.

    Switching takes no time here, so that every operation has ended when it is told of.
    """

    def __init__(self, project: str, state: PlatformState, new_hex: Callable[[int], str]) -> None:
        self._project = project
        self._state = state
        self._new_hex = new_hex

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        base = "/v1/projects/{project}/services"
        return [
            json_route(base, GET=self._list),
            json_route(base + ":batchEnable", POST=self._batch_enable),
            json_route(base + ":batchGet", GET=self._batch_get),
            json_route(base + "/{service}", GET=self._get, POST=self._switch),
            json_route("/v1/operations/{operation}", GET=self._operation),
        ]

    def require(self, service: str) -> None:
        """Refuse a call to an interface that is switched off; raises `Refused`."""
        if service in self._state.disabled:
            raise Detailed(
                grpc.StatusCode.PERMISSION_DENIED,
                f"{TITLES[service]} has not been used in project {self._project} before or it is "
                f"disabled. Enable it by visiting "
                f"https://console.developers.google.com/apis/api/{service}/overview then retry.",
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "SERVICE_DISABLED",
                    "domain": "googleapis.com",
                    "metadata": {"service": service, "consumer": f"projects/{self._project}"},
                },
            )

    def _list(self, call: Call) -> JsonObject:
        self._admit(call, "serviceusage.services.list")
        wanted = call.query.get("filter", "")
        if wanted not in ("", "state:ENABLED", "state:DISABLED"):
            raise invalid(f"The filter {wanted!r} is not supported.")
        state = wanted.partition(":")[2]
        found = [self._described(name) for name in TITLES]
        return page([each for each in found if state in ("", each["state"])], call, "services", 200)

    def _get(self, call: Call) -> JsonObject:
        self._admit(call, "serviceusage.services.get")
        return self._described(_known(call.path["service"]))

    def _batch_get(self, call: Call) -> JsonObject:
        self._admit(call, "serviceusage.services.get")
        names = [each.rpartition("/")[2] for each in call.query.get("names", "").split(",") if each]
        return {"services": [self._described(_known(name)) for name in names]}

    def _switch(self, call: Call) -> JsonObject:
        name, _, method = call.path["service"].partition(":")
        if method not in ("enable", "disable"):
            raise invalid(f"There is no method {method!r} of a service.")
        self._admit(call, f"serviceusage.services.{method}")
        return self._switched([_known(name)], on=method == "enable")

    def _batch_enable(self, call: Call) -> JsonObject:
        self._admit(call, "serviceusage.services.enable")
        names = strings(call.body.get("serviceIds"))
        if not 0 < len(names) <= _MOST_AT_ONCE:
            raise invalid(f"serviceIds must name 1 to {_MOST_AT_ONCE} services.")
        return self._switched([_known(name) for name in names], on=True)

    def _switched(self, names: list[str], on: bool) -> JsonObject:
        changed = [name for name in names if (name in self._state.disabled) is on]
        self._state.disabled = (
            self._state.disabled - set(names) if on else self._state.disabled | set(names)
        )
        self._state.save()
        name = f"operations/acat.p2-{NUMBER}-{self._new_hex(16)}" if changed else _DONE
        return {
            "name": name,
            "done": True,
            "response": {"services": list(map(self._described, names))},
        }

    def _operation(self, call: Call) -> JsonObject:
        return {"name": f"operations/{call.path['operation']}", "done": True, "response": {}}

    def _admit(self, call: Call, permission: str) -> None:
        if call.path["project"] not in (self._project, NUMBER):
            raise denied(permission, f"projects/{call.path['project']}")

    def _described(self, name: str) -> JsonObject:
        return {
            "name": f"projects/{NUMBER}/services/{name}",
            "config": {"name": name, "title": TITLES[name]},
            "state": "DISABLED" if name in self._state.disabled else "ENABLED",
            "parent": f"projects/{NUMBER}",
        }


def _known(name: str) -> str:
    if name not in TITLES:
        raise Refused(
            grpc.StatusCode.PERMISSION_DENIED,
            f"Not found or permission denied for service(s): {name}.",
        )
    return name
