"""GPUs are to be had where Google has them, and as far as the quota of the region goes."""

from __future__ import annotations

import pytest
from google.cloud import run_v2

from console.sandbox.faults import Fault, Faults
from console.sandbox.project.regions import GOOGLES, GPUS, L4, RTX
from console.sandbox.run.quota_rules import CPU, GPU_QUOTAS, QUOTAS, allowed, check_quotas
from console.sandbox.run.refused import Refused
from console.sandbox.run.shape_rules import check_container

SMALL = {"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "1"}
LARGE = {"cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1"}


def service(region: str, gpu: str, limits: dict[str, str], most: int = 1) -> run_v2.Service:
    return run_v2.Service(
        name=f"projects/sandbox/locations/{region}/services/a",
        template={
            "containers": [{"image": "x", "resources": {"limits": limits}}],
            "node_selector": {"accelerator": gpu},
            "gpu_zonal_redundancy_disabled": True,
        },
        scaling={"max_instance_count": most},
    )


@pytest.mark.parametrize(
    ("region", "gpu", "limits"),
    [("local-1", L4, SMALL), ("us-central1", L4, SMALL), ("europe-west4", RTX, LARGE)],
)
def test_there_is_quota_for_one(region: str, gpu: str, limits: dict[str, str]) -> None:
    asked = service(region, gpu, limits)
    check_quotas(asked, Faults())
    check_container("container", asked.template.containers[0], asked.template)


@pytest.mark.parametrize(
    ("region", "gpu", "limits", "words"),
    [
        ("europe-north1", L4, SMALL, "'nvidia-l4' is not available in this region"),
        ("us-central1", "nvidia-h100", SMALL, "'nvidia-h100' is not supported"),
        ("us-central1", RTX, LARGE, "for using GPUs without zonal redundancy"),
        ("us-east4", RTX, LARGE, "'nvidia-rtx-pro-6000' is not available"),
    ],
)
def test_elsewhere_it_is_refused(region: str, gpu: str, limits: dict[str, str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        check_quotas(service(region, gpu, limits), Faults())


def test_a_second_large_one_is_more_than_the_quota_in_thousandths() -> None:
    with pytest.raises(Refused, match=r"NvidiaRtxPro6000\w+ requested: 2000 allowed: 1000"):
        check_quotas(service("europe-west4", RTX, LARGE, most=2), Faults())


@pytest.mark.parametrize("limits", [{**LARGE, "cpu": "8"}, {**LARGE, "memory": "40Gi"}])
def test_a_large_one_takes_a_large_machine(limits: dict[str, str]) -> None:
    asked = service("europe-west4", RTX, limits)
    with pytest.raises(Refused, match="20 to 30 CPU and 80Gi to 120Gi of memory"):
        check_container("container", asked.template.containers[0], asked.template)


def test_faults_take_away_the_quota_of_gpus_or_of_processors() -> None:
    no_gpu = allowed("us-central1", Faults([Fault.GPU_QUOTA_ZERO]))
    no_cpu = allowed("us-central1", Faults([Fault.CPU_QUOTA_ZERO]))
    nothing = allowed("us-central1", Faults([Fault.QUOTA_REFUSED]))
    assert (no_gpu[GPU_QUOTAS[L4, False]], no_gpu[CPU]) == (0, 20_000)
    assert (no_cpu[GPU_QUOTAS[L4, False]], no_cpu[CPU]) == (3, 0)
    assert set(nothing.values()) == {0}
    assert set(nothing) == set(QUOTAS)


def test_every_region_with_a_gpu_is_one() -> None:
    assert {region for regions in GPUS.values() for region in regions} <= set(GOOGLES)
    assert len(set(GOOGLES)) == len(GOOGLES)
