"""Shapes that Cloud Run does not take, found out before it is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from google.cloud import run_v2
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.prices import Gpu
from console.model.deploy.defaults import ON_CPU, ON_GPU, cpu_wish, gpu_wish, guide_wish
from console.model.deploy.service_body import body_of
from console.model.deploy.settings import Mount, Probe, ProbeKind, ServiceSettings
from console.model.deploy.shape_check import shape_problem
from console.model.deploy.wish import Variant
from console.model.service import ServiceName
from console.sandbox.run.refused import Refused
from console.sandbox.run.shape_rules import check_container

PLACE = ServiceName("a-project", "us-central1", "z-image")
CPU = cpu_wish(PLACE).settings
GPU = gpu_wish(PLACE).settings
RTX = gpu_wish(PLACE, gpu=Gpu.RTX_PRO_6000).settings
SMALL = ServiceSettings(image="i", cpu="0.5", memory="512Mi", second_generation=False)
PROBE = Probe(kind=ProbeKind.TCP)


@pytest.mark.parametrize(
    "settings",
    [CPU, GPU, RTX, *(guide_wish(PLACE, variant).settings for variant in Variant), SMALL],
    ids=["cpu", "gpu", "rtx", "guide cpu", "guide gpu", "small"],
)
def test_what_is_deployed_by_default_can_be(settings: ServiceSettings) -> None:
    assert shape_problem(settings) is None


REFUSED = [
    (CPU, {"cpu": "many"}, "'many' is no number of vCPUs: write one such as 4"),
    (CPU, {"memory": "lots"}, "'lots' is no amount of memory: write one such as 16Gi"),
    (CPU, {"cpu": "0"}, "'0' is no number of vCPUs: write one such as 4"),
    (CPU, {"cpu": "3"}, "Cloud Run has instances with 1, 2, 4, 6 or 8 vCPU, not 3: ask for 4"),
    (CPU, {"cpu": "16"}, "Cloud Run has instances with 1, 2, 4, 6 or 8 vCPU, not 16: ask for 4"),
    (
        CPU,
        {"memory": "32Gi"},
        "4 vCPU go with 2 GiB to 16 GiB of memory, not 32Gi: ask for 8 vCPU, or for 16Gi",
    ),
    (
        CPU,
        {"cpu": "8", "memory": "64Gi"},
        "8 vCPU go with 4 GiB to 32 GiB of memory, not 64Gi: ask for 32 GiB with 8 vCPU, "
        "the most there is",
    ),
    (
        CPU,
        {"memory": "1Gi"},
        "4 vCPU go with 2 GiB to 16 GiB of memory, not 1Gi: ask for more memory, or for less vCPU",
    ),
    (
        GPU,
        {"cpu": "2", "memory": "8Gi"},
        "an nvidia-l4 goes with at least 4 vCPU and 16 GiB, not with 2 vCPU and 8Gi: "
        "ask for 4 vCPU and 16Gi",
    ),
    (
        RTX,
        {"cpu": "8", "memory": "32Gi"},
        "an nvidia-rtx-pro-6000 goes with at least 20 vCPU and 80 GiB, not with 8 vCPU and 32Gi: "
        "ask for 20 vCPU and 80Gi",
    ),
    (
        GPU,
        {"cpu_always": False},
        "an nvidia-l4 is not billed by request: ask for billing by instance",
    ),
    (
        CPU,
        {"cpu": "500m"},
        "0.5 vCPU are of the first generation only, which sees no buckets: ask for 1 vCPU or more",
    ),
    (
        SMALL,
        {"concurrency": 80},
        "with less than a whole vCPU requests come one at a time: ask for 1 request at once",
    ),
    (
        SMALL,
        {"memory": "2Gi"},
        "0.5 vCPU go with 128 to 1024 MiB of memory, not 2Gi: ask for 1024Mi",
    ),
    (
        SMALL,
        {"cpu_always": True},
        "less than a whole vCPU is billed by request only: ask for that, or for 1 vCPU",
    ),
    (CPU, {"timeout": 0}, "a timeout of 0 s cannot be: write 1 to 3600"),
    (CPU, {"timeout": 7_200}, "a timeout of 7200 s cannot be: write 1 to 3600"),
    (CPU, {"concurrency": 1_001}, "1001 requests at once cannot be: write 1 to 1000"),
    (CPU, {"port": 0}, "there is no port 0: write 1 to 65535"),
    (
        CPU,
        {"probe": replace(PROBE, period=600)},
        "a start-up probe's period of 600 s cannot be: write 1 to 240, and more failures for more "
        "patience",
    ),
    (
        CPU,
        {"probe": replace(PROBE, period=2, timeout=5)},
        "a start-up probe that is asked each 2 s cannot wait 5 s for an answer: ask less often",
    ),
    (
        CPU,
        {"probe": replace(PROBE, failures=0)},
        "a start-up probe that may not fail once is never asked: let it fail once or more",
    ),
    (CPU, {"min_instances": -1}, "there are no fewer than 0 instances: ask for 0 or more"),
    (
        CPU,
        {"max_instances": 0},
        "at most 0 instances would be none: ask for 1, and scale to 0 by hand",
    ),
    (
        CPU,
        {"min_instances": 2},
        "at least 2 and at most 1 instances cannot be: ask for fewer at least",
    ),
    (
        CPU,
        {"mounts": (Mount(bucket="b", path="models"),)},
        "nothing can be mounted at 'models': write a path such as /models",
    ),
    (
        CPU,
        {"mounts": (Mount(bucket="b", path="/m"), Mount(bucket="c", path="/m/"))},
        "two buckets cannot be seen at one path: give each its own",
    ),
    (CPU, {"second_generation": False}, "the first generation sees no buckets: ask for the second"),
]


@pytest.mark.parametrize(
    ("settings", "changed", "words"), REFUSED, ids=[words[:40] for *_, words in REFUSED]
)
def test_what_cannot_be_is_told_with_the_mend(
    settings: ServiceSettings, changed: dict[str, object], words: str
) -> None:
    problem = shape_problem(replace(settings, **changed))
    assert problem is not None
    assert f"{problem.words}: {problem.mend}" == words


def sandbox_refuses(settings: ServiceSettings) -> str | None:
    service = json_format.ParseDict(body_of(settings), run_v2.Service.pb()())
    template = run_v2.Service.wrap(service).template
    try:
        check_container("template.containers[0]", template.containers[0], template)
    except Refused as refused:
        return str(refused)
    return None


@given(
    st.sampled_from(("0.05", "0.08", "500m", "1", "1.5", "2", "3", "4", "4000m", "6", "8", "16")),
    st.sampled_from(("64Mi", "512Mi", "1Gi", "2Gi", "4Gi", "8Gi", "16Gi", "24Gi", "32Gi", "64Gi")),
    st.sampled_from((None, Gpu.L4)),
    st.builds(
        Probe,
        kind=st.just(ProbeKind.TCP),
        period=st.sampled_from((1, 10, 240, 241)),
        timeout=st.sampled_from((1, 10, 240, 241)),
        delay=st.sampled_from((0, 240, 241)),
    ),
)
def test_whatever_passes_here_the_sandbox_takes(
    cpu: str, memory: str, gpu: Gpu | None, probe: Probe
) -> None:
    """It was made from the same documents by somebody else."""
    settings = replace(CPU, image="i", cpu=cpu, memory=memory, gpu=gpu, probe=probe)
    settings = replace(settings, cpu_always=gpu is not None)
    ours, theirs = shape_problem(settings), sandbox_refuses(settings)
    assert (ours is None) == (theirs is None) or _stricter(settings, ours, theirs), (ours, theirs)


def test_the_sandbox_has_the_largest_gpu_as_well() -> None:
    settings = replace(RTX, image="i")
    assert sandbox_refuses(settings) is None
    small = replace(settings, cpu="8", memory="32Gi")
    assert shape_problem(small)
    assert sandbox_refuses(small)


def _stricter(settings: ServiceSettings, ours: str | None, theirs: str | None) -> bool:
    """What the documents say of the second generation, the sandbox does not look at."""
    small = cpu_is_small(settings) or settings.memory == "64Mi"
    return theirs is None and ours is not None and small


def cpu_is_small(settings: ServiceSettings) -> bool:
    return settings.cpu in ("0.08", "500m")


def test_each_gpu_has_the_least_shape_that_it_takes() -> None:
    for shape in (ON_CPU, *ON_GPU.values()):
        settings = replace(CPU, cpu=shape.cpu, memory=shape.memory, gpu=shape.gpu, cpu_always=None)
        assert shape_problem(settings) is None
