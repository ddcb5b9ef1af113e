"""Cloud Quotas v1: how much of Cloud Run the project may use in each region.

Source: https://cloud.google.com/docs/quotas/reference/rest/v1/projects.locations.services.quotaInfos.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import grpc
from starlette.routing import BaseRoute

from console.sandbox.faults import Faults
from console.sandbox.json_calls import (
    Call,
    JsonObject,
    an_object,
    denied,
    json_route,
    page,
    text,
    unknown,
)
from console.sandbox.moments import Clock, written
from console.sandbox.project.platform_state import PlatformState
from console.sandbox.project.projects import NUMBER
from console.sandbox.project.regions import L4, RTX
from console.sandbox.run.quota_rules import CPU, GPU_QUOTAS, MEMORY, allowed
from console.sandbox.run.refused import Refused, invalid

SERVICE: Final = "run.googleapis.com"


@dataclass(frozen=True, slots=True)
class _Quota:
    """A quota for each region; its values are in `unit`."""

    metric: str
    title: str
    unit: str


def _of_gpus(name: str, kind: str, zones: bool) -> _Quota:
    how = "with" if zones else "without"
    return _Quota(
        f"nvidia_{name}_gpu_allocation{'' if zones else '_no_zonal_redundancy'}",
        f"Total Nvidia {kind} GPU allocation {how} zonal redundancy, per project per region",
        "1",
    )


_QUOTAS: Final = {
    CPU: _Quota("cpu_allocation", "Total CPU allocation per project per region", "milli_vcpu"),
    MEMORY: _Quota("mem_allocation", "Total memory allocation per project per region", "By"),
    GPU_QUOTAS[L4, False]: _of_gpus("l4", "L4", False),
    GPU_QUOTAS[L4, True]: _of_gpus("l4", "L4", True),
    GPU_QUOTAS[RTX, False]: _of_gpus("rtx_pro_6000", "RTX Pro 6000", False),
    GPU_QUOTAS[RTX, True]: _of_gpus("rtx_pro_6000", "RTX Pro 6000", True),
}


class Quotas:
    """Answers about the quotas of `project` in `regions`; none is left while one is refused.

    Whoever wishes for more is told that it is looked into, and that stays so.
    """

    def __init__(
        self,
        project: str,
        regions: Sequence[str],
        state: PlatformState,
        clock: Clock,
        new_hex: Callable[[int], str],
        faults: Faults | None = None,
    ) -> None:
        self._project = project
        self._regions = regions
        self._state = state
        self._clock = clock
        self._new_hex = new_hex
        self._faults = Faults() if faults is None else faults

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served: `gcloud` still asks for the version before."""
        routes: list[BaseRoute] = []
        for version in ("v1", "v1beta"):
            place = f"/{version}/projects/{{project}}/locations/global"
            infos = place + "/services/{service}/quotaInfos"
            wishes = place + "/quotaPreferences"
            routes += [
                json_route(infos, GET=self._list),
                json_route(infos + "/{quota}", GET=self._get),
                json_route(wishes, GET=self._list_preferences, POST=self._wish),
                json_route(wishes + "/{preference}", GET=self._preference),
            ]
        return routes

    def _list(self, call: Call) -> JsonObject:
        self._admit(call)
        return page([self._described(name) for name in _QUOTAS], call, "quotaInfos")

    def _get(self, call: Call) -> JsonObject:
        self._admit(call)
        if call.path["quota"] not in _QUOTAS:
            raise unknown(call.path["quota"])
        return self._described(call.path["quota"])

    def _list_preferences(self, call: Call) -> JsonObject:
        self._admit(call)
        return page(list(self._state.preferences.values()), call, "quotaPreferences")

    def _preference(self, call: Call) -> JsonObject:
        self._admit(call)
        name = f"projects/{NUMBER}/locations/global/quotaPreferences/{call.path['preference']}"
        if name not in self._state.preferences:
            raise unknown(name)
        return self._state.preferences[name]

    def _wish(self, call: Call) -> JsonObject:
        self._admit(call)
        quota, region = text(call.body.get("quotaId")), _region(call)
        if text(call.body.get("service")) != SERVICE or quota not in _QUOTAS:
            raise unknown(f"quota {quota!r}")
        if region not in self._regions:
            raise invalid(f"the dimensions name no region that there is: {region!r}")
        wished = text(an_object(call.body.get("quotaConfig")).get("preferredValue"))
        if not (wished.isascii() and wished.isdigit() and len(wished) < 19):
            raise invalid(f"preferredValue {wished!r} is no number")
        identifier = call.query.get("quotaPreferenceId") or self._new_hex(16)
        name = f"projects/{NUMBER}/locations/global/quotaPreferences/{identifier}"
        now = written(self._clock())
        if name in self._state.preferences:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS, f"{name} already exists")
        granted = min(int(wished), allowed(region, self._faults)[quota] or 0)
        preference: JsonObject = {
            "name": name,
            "dimensions": {"region": region},
            "quotaConfig": {"preferredValue": wished, "grantedValue": str(granted)},
            "service": SERVICE,
            "quotaId": quota,
            "createTime": now,
            "updateTime": now,
            "reconciling": granted < int(wished),
        }
        self._state.preferences[name] = preference
        self._state.save()
        return preference

    def _admit(self, call: Call) -> None:
        if call.path["project"] not in (self._project, NUMBER):
            raise denied("cloudquotas.quotas.get", f"projects/{call.path['project']}")
        if call.path.get("service", SERVICE) != SERVICE:
            raise unknown(f"services/{call.path['service']}")

    def _described(self, name: str) -> JsonObject:
        quota = _QUOTAS[name]
        return {
            "name": f"projects/{NUMBER}/locations/global/services/{SERVICE}/quotaInfos/{name}",
            "quotaId": name,
            "metric": f"{SERVICE}/{quota.metric}",
            "service": SERVICE,
            "containerType": "PROJECT",
            "dimensions": ["region"],
            "metricDisplayName": quota.title,
            "quotaDisplayName": quota.title,
            "metricUnit": quota.unit,
            "dimensionsInfos": list(self._values(name)),
        }

    def _values(self, name: str) -> Iterator[JsonObject]:
        """Yield the values of a quota in the regions in which there is such a thing."""
        for region in self._regions:
            value = allowed(region, self._faults)[name]
            if value is not None:
                yield {
                    "dimensions": {"region": region},
                    "details": {"value": str(value)},
                    "applicableLocations": [region],
                }


def _region(call: Call) -> str:
    return text(an_object(call.body.get("dimensions")).get("region"))
