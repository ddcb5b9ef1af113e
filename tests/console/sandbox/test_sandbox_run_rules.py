"""What Cloud Run makes of a service that is asked for, and what it refuses."""

from __future__ import annotations

import copy

import pytest
from deploying import a_service
from google.cloud import run_v2
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from test_sandbox_knative import FULL, NOON, PARENT

from console.sandbox.faults import Fault, Faults
from console.sandbox.run.knative import revision_to, service_to
from console.sandbox.run.quota_rules import check_quotas, room
from console.sandbox.run.refused import Refused
from console.sandbox.run.revisions import new_revision, next_name
from console.sandbox.run.run_rules import check, specified
from console.sandbox.run.services import LATEST, Deployment

NAME = f"{PARENT}/services/z-image"
SEED = run_v2.Service.serialize(
    run_v2.Service(**copy.deepcopy(FULL) | {"traffic": [{"type_": LATEST, "percent": 100}]})
)


def deployed(asked: run_v2.Service) -> Deployment:
    deployment = Deployment(specified(run_v2.Service(name=NAME), asked), [])
    check(deployment, Faults())
    return deployment


def test_what_can_be_asked_for_is_taken() -> None:
    assert deployed(run_v2.Service.deserialize(SEED)).service.name == NAME


splices = st.lists(st.tuples(st.integers(0, len(SEED)), st.integers(0, 3), st.binary(max_size=3)))


@pytest.mark.filterwarnings("ignore:Unrecognized .* enum value")
@given(splices=splices)
def test_any_service_is_taken_or_refused(splices: list[tuple[int, int, bytes]]) -> None:
    damaged = SEED
    for at, gone, new in splices:
        damaged = damaged[:at] + new + damaged[at + gone :]
    try:
        deployment = deployed(run_v2.Service.deserialize(damaged))
    except (DecodeError, Refused):
        return
    name = next_name(deployment, lambda size: "ab" * size)
    revision = new_revision(deployment.service, name, NOON, lambda size: "ab" * size)
    assert service_to(deployment.service)["kind"] == "Service"
    assert revision_to(revision)["kind"] == "Revision"


@pytest.mark.parametrize("seconds", [-1, 3_601, 10**12, -(10**12)])
def test_a_timeout_beyond_the_limits_is_refused(seconds: int) -> None:
    service = run_v2.Service.deserialize(SEED)
    run_v2.Service.pb(service).template.timeout.seconds = seconds
    with pytest.raises(Refused, match="timeout"):
        deployed(service)


GPU = {"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "1"}


def with_gpu(most: int, zones: bool) -> run_v2.Service:
    container = {"image": "x", "resources": {"limits": GPU}}
    template = {"containers": [container], "gpu_zonal_redundancy_disabled": not zones}
    return a_service(template=template, scaling={"max_instance_count": most})


def test_a_gpu_is_to_be_had_without_zonal_redundancy_alone() -> None:
    with pytest.raises(Refused, match="with zonal redundancy"):
        check_quotas(with_gpu(1, zones=True), Faults())
    check_quotas(with_gpu(2, zones=False), Faults())


def test_more_gpus_than_the_quota_are_refused_by_its_name() -> None:
    with pytest.raises(Refused, match=r"GpuAllocNoZonalRedundancy\w+ requested: 4 allowed: 3"):
        check_quotas(with_gpu(4, zones=False), Faults())


def test_no_gpu_is_left_while_the_quota_is_refused() -> None:
    with pytest.raises(Refused, match="do not have quota for using GPUs without zonal redundancy"):
        check_quotas(with_gpu(1, zones=False), Faults([Fault.QUOTA_REFUSED]))


@pytest.mark.parametrize(
    ("limits", "count"),
    [
        ({"cpu": "1", "memory": "512Mi"}, 20),
        ({"cpu": "4", "memory": "16Gi"}, 2),
        ({"cpu": "80m", "memory": "128Mi"}, 250),
        ({}, 20),
    ],
)
def test_the_quota_has_room_for_so_many(limits: dict[str, str], count: int) -> None:
    assert room(limits) == count
