"""Cloud Quotas v1: how much of Cloud Run the project may use in each region.

Source: https://cloud.google.com/docs/quotas/reference/rest/v1/projects.locations.services.quotaInfos.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.routing import BaseRoute

from console.sandbox.faults import Fault
from console.sandbox.json_calls import Call, JsonObject, denied, json_route, page, unknown
from console.sandbox.projects import NUMBER
from console.sandbox.quota_rules import CPU_QUOTA, GPU_QUOTA, MEMORY_QUOTA

SERVICE: Final = "run.googleapis.com"


@dataclass(frozen=True, slots=True)
class _Quota:
    """A quota for each region; `value` is in `unit`."""

    metric: str
    title: str
    unit: str
    value: int


_QUOTAS: Final = {
    "CpuAllocPerProjectRegion": _Quota(
        "cpu_allocation", "Total CPU allocation per project per region", "milli_vcpu", CPU_QUOTA
    ),
    "MemAllocPerProjectRegion": _Quota(
        "mem_allocation", "Total memory allocation per project per region", "By", MEMORY_QUOTA
    ),
    "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion": _Quota(
        "nvidia_l4_gpu_allocation_no_zonal_redundancy",
        "Total Nvidia L4 GPU allocation without zonal redundancy, per project per region",
        "1",
        GPU_QUOTA,
    ),
    "NvidiaL4GpuAllocPerProjectRegion": _Quota(
        "nvidia_l4_gpu_allocation",
        "Total Nvidia L4 GPU allocation with zonal redundancy, per project per region",
        "1",
        0,
    ),
}


class Quotas:
    """Answers about the quotas of `project` in `regions`; none is left while one is refused."""

    def __init__(
        self, project: str, regions: Sequence[str], faults: Container[Fault] = frozenset()
    ) -> None:
        self._project = project
        self._regions = regions
        self._faults = faults

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served: `gcloud` still asks for the version before."""
        return [
            route
            for version in ("v1", "v1beta")
            for base in [
                f"/{version}/projects/{{project}}/locations/global/services/{{service}}/quotaInfos"
            ]
            for route in (
                json_route(base, GET=self._list),
                json_route(base + "/{quota}", GET=self._get),
            )
        ]

    def _list(self, call: Call) -> JsonObject:
        self._admit(call)
        return page([self._described(name) for name in _QUOTAS], call, "quotaInfos")

    def _get(self, call: Call) -> JsonObject:
        self._admit(call)
        if call.path["quota"] not in _QUOTAS:
            raise unknown(call.path["quota"])
        return self._described(call.path["quota"])

    def _admit(self, call: Call) -> None:
        if call.path["project"] not in (self._project, NUMBER):
            raise denied("cloudquotas.quotas.get", f"projects/{call.path['project']}")
        if call.path["service"] != SERVICE:
            raise unknown(f"services/{call.path['service']}")

    def _described(self, name: str) -> JsonObject:
        quota = _QUOTAS[name]
        refused = Fault.QUOTA_REFUSED in self._faults
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
            "dimensionsInfos": [
                {
                    "dimensions": {"region": region},
                    "details": {"value": str(0 if refused else quota.value)},
                    "applicableLocations": [region],
                }
                for region in self._regions
            ],
        }
