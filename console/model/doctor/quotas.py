"""How much of Cloud Run a project may use in a region, beside what a shape of a service takes.

What counts is the shape times the most instances there may be, as Cloud Run reckons at a
deployment. Sources: https://cloud.google.com/run/quotas and
https://cloud.google.com/docs/quotas/reference/rest/v1/projects.locations.services.quotaInfos.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from console.language import tr, tr_many
from console.model.cost.compute_cost import quantity
from console.model.cost.prices import GIB, Gpu
from console.model.doctor.answers import Because, Place, Unanswered, command, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import Answer
from console.model.doctor.finding import Finding, Mend, State
from console.model.service import ServiceFacts

CPU: Final = "CpuAllocPerProjectRegion"
MEMORY: Final = "MemAllocPerProjectRegion"
UNLIMITED: Final = -1

_GPU_IDS: Final = {
    (Gpu.L4, False): "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion",
    (Gpu.L4, True): "NvidiaL4GpuAllocPerProjectRegion",
    (Gpu.RTX_PRO_6000, False): "NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion",
    (Gpu.RTX_PRO_6000, True): "NvidiaRtxPro6000GpuAllocPerProjectRegion",
}
_OF_ONE_GPU: Final = {Gpu.L4: 1, Gpu.RTX_PRO_6000: 1_000}
"""How a quota counts one GPU: those of the RTX PRO 6000 are in thousandths."""

GPU_REGIONS: Final[Mapping[Gpu, tuple[str, ...]]] = {
    Gpu.L4: (
        *("asia-southeast1", "asia-south1", "europe-west1", "europe-west4", "us-central1"),
        "us-east4",
    ),
    Gpu.RTX_PRO_6000: ("asia-southeast1", "asia-south2", "europe-west4", "us-central1"),
}
"""Where Cloud Run offers a GPU, as of autumn 2026: https://cloud.google.com/run/docs/locations."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The shape that is wanted: vCPUs, bytes, a GPU or none, and how many instances at most."""

    cpu: Decimal
    memory: int
    gpu: Gpu | None = None
    zonal_redundancy: bool = False
    instances: int = 1

    @property
    def words(self) -> str:
        """The shape in a few words: `4 vCPU, 16 GiB, nvidia-l4, at most 1 instance`."""
        gpu = [str(self.gpu)] if self.gpu else []
        memory = f"{Decimal(self.memory) / GIB:.4g} GiB"
        most = tr_many("at most 1 instance", "at most {count} instances", self.instances)
        return tr(", ").join([f"{self.cpu:f} vCPU", memory, *gpu, most])

    @property
    def needs(self) -> Mapping[str, int]:
        """How much of each quota it takes, by the quota's name and in its unit."""
        needs = {
            CPU: int(self.cpu * 1_000) * self.instances,
            MEMORY: self.memory * self.instances,
        }
        if self.gpu is not None:
            quota = _GPU_IDS[self.gpu, self.zonal_redundancy]
            needs[quota] = _OF_ONE_GPU[self.gpu] * self.instances
        return needs


ON_CPU: Final = Wanted(Decimal(4), 16 * GIB)
ON_GPU: Final = Wanted(Decimal(4), 16 * GIB, Gpu.L4)


def wanted(choice: str, service: ServiceFacts | None) -> Wanted:
    """Return the shape to look at: `cpu`, `gpu`, or by an empty `choice` that of the service."""
    if service is None or (service.gpu is None and choice == "gpu"):
        shape = ON_GPU if choice == "gpu" else ON_CPU
    elif service.gpu is not None and choice == "cpu":
        shape = ON_CPU
    else:
        shape = _shape(service)
    most = None if service is None else service.max_instances
    return replace(shape, instances=most or 1)


def _shape(service: ServiceFacts) -> Wanted:
    cpu, memory = quantity(service.cpu), quantity(service.memory)
    gpu = next((each for each in Gpu if str(each) == service.gpu), None)
    usual = ON_GPU if service.gpu else ON_CPU
    return Wanted(
        cpu=usual.cpu if cpu is None else cpu,
        memory=usual.memory if memory is None else int(memory),
        gpu=gpu or usual.gpu,
        zonal_redundancy=bool(service.gpu and service.zonal_redundancy),
    )


def quotas(shape: Wanted, allowed: Mapping[str, Answer[int | None]], place: Place) -> Finding:
    """Judge whether the quotas let so much be deployed.

    `allowed` has the answer for each quota in its own unit; None: there is none in that region.
    """
    if (elsewhere := _not_offered(shape, place)) is not None:
        return elsewhere
    short: list[str] = []
    unanswered: list[Unanswered] = []
    mends: list[Mend] = []
    for quota, need in shape.needs.items():
        allows = allowed.get(quota)
        if isinstance(allows, Unanswered):
            unanswered.append(allows)
        elif allows is None or UNLIMITED != allows < need:
            short.append(
                tr(
                    "{quota} allows {allowed} of {needed}",
                    quota=quota,
                    allowed=_amount(quota, allows),
                    needed=_amount(quota, need),
                )
            )
            mends.append(_wish(quota, need, place))
    if short:
        words = tr("for {shape}: {shortages}", shape=shape.words, shortages=tr("; ").join(short))
        page = Mend(words=tr("https://g.co/cloudrun/gpu-quota is the form for GPUs"))
        return Finding(
            Check.QUOTAS, State.WRONG, words, (*mends, page) if shape.gpu else tuple(mends)
        )
    if unanswered:
        return _not_told(unanswered[0], place)
    words = tr("enough for {shape} in {region}", shape=shape.words, region=place.region)
    return Finding(Check.QUOTAS, State.OK, words)


def _not_told(unanswered: Unanswered, place: Place) -> Finding:
    """A quota that Google does not know is no reason to look for a permission or a network."""
    if unanswered.because is Because.MISSING:
        words = tr("Cloud Quotas does not know such a quota")
        return Finding(Check.QUOTAS, State.UNKNOWN, words)
    return unknown(Check.QUOTAS, unanswered, place)


def _not_offered(shape: Wanted, place: Place) -> Finding | None:
    """Say where there are such GPUs if the region is one of Google's and has none."""
    if shape.gpu is None or "-" not in place.region or place.region.startswith("local-"):
        return None
    regions = GPU_REGIONS[shape.gpu]
    if place.region in regions:
        return None
    words = tr(
        "Cloud Run offers no {gpu} in {region}, but in {others}",
        gpu=shape.gpu,
        region=place.region,
        others=tr(", ").join(regions),
    )
    look = Mend("gcloud run regions list", tr("says which regions there are"))
    return Finding(Check.QUOTAS, State.WARNING, words, (look,))


def _amount(quota: str, value: int | None) -> str:
    """Return a value of a quota in the unit that people think in."""
    if value is None:
        return tr("none")
    if quota == MEMORY:
        return f"{Decimal(value) / GIB:.4g} GiB"
    if quota == CPU:
        return f"{Decimal(value) / 1_000:.4g} vCPU"
    each = 1_000 if "RtxPro" in quota else 1
    gpus = Decimal(value) / each
    many = 1 if gpus == 1 else 2
    return tr_many("1 GPU", "{amount:.4g} GPUs", many, amount=gpus)


def _wish(quota: str, need: int, place: Place) -> Mend:
    """Return the command that asks Google for more."""
    account = str(place.account) or "YOUR_ACCOUNT"
    return Mend(
        command(
            *("gcloud", "beta", "quotas", "preferences", "create"),
            *("--service=run.googleapis.com", f"--quota-id={quota}", f"--preferred-value={need}"),
            *(f"--dimensions=region={place.region}", f"--project={place.project}"),
            f"--email={account}",
        ),
        tr("asks Google for more; lowering the service's most instances needs less"),
    )
