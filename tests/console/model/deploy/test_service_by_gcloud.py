"""The commands that are shown for a service, carried out by the real `gcloud`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gcloud_recorder import Recorder, recording
from knative_reading import settings_of_v1
from real_gcloud import Gcloud, needs_gcloud

from console.model.cost.prices import Gpu
from console.model.deploy.defaults import cpu_wish, gpu_wish, guide_wish
from console.model.deploy.differences import changes
from console.model.deploy.guide_commands import guide_deploy
from console.model.deploy.service_commands import check_callers, deploy, set_instances, update
from console.model.deploy.settings import (
    Ingress,
    Mount,
    Probe,
    ProbeKind,
    Secret,
    ServiceSettings,
)
from console.model.deploy.wish import Variant
from console.model.service import ServiceName

pytestmark = needs_gcloud
PLACE = ServiceName("sandbox", "us-central1", "z-image")
IMAGE = "us-central1-docker.pkg.dev/sandbox/z-image-cpu/z-image@sha256:" + "0" * 64
CPU = replace(cpu_wish(PLACE).settings, image=IMAGE)
GPU = replace(gpu_wish(PLACE).settings, image=IMAGE)
EVERYTHING = replace(
    CPU,
    min_instances=1,
    max_instances=3,
    manual_instances=2,
    probe=Probe(kind=ProbeKind.GRPC, port=9_000, delay=3),
    mounts=(
        Mount(bucket="one", path="/models", options=("implicit-dirs", "uid=1000")),
        Mount(bucket="two", path="/other, place", read_only=False),
    ),
    variables=(
        ("COMMAS", "a,b"),
        ("QUOTES", 'it\'s "so"'),
        ("SIGNS", "@|:;#~!%+/= $HOME"),
        ("LINES", "a\nb"),
        ("E", ""),
    ),
    secrets=(
        Secret(variable="ZIMAGE_API_KEY", secret="z-image-key"),
        Secret(variable="OTHER", secret="another", version="3"),
    ),
    ingress=Ingress.LOAD_BALANCER,
    callers_unchecked=True,
    labels=(("managed-by", "zimage-console"), ("team", "pictures")),
)
ON_RTX = replace(gpu_wish(PLACE, gpu=Gpu.RTX_PRO_6000).settings, image=IMAGE)


@pytest.fixture
def cloud() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


async def carried_out(cloud: Recorder, folder: Path, line: str) -> ServiceSettings:
    """Return what a service is asked to be by a line that somebody copied."""
    said = await Gcloud(cloud.address, folder).in_shell(line)
    assert said.code == 0, said.errors
    return settings_of_v1(cloud.sent[-1])


@pytest.mark.parametrize(
    "asked", [CPU, GPU, ON_RTX, EVERYTHING], ids=["cpu", "gpu", "rtx", "everything"]
)
async def test_deploying_by_hand_asks_for_the_same(
    asked: ServiceSettings, cloud: Recorder, tmp_path: Path
) -> None:
    sent = await carried_out(cloud, tmp_path, deploy(PLACE, asked))
    # That nothing has to run is how `gcloud` understands silence.
    assert sent == replace(asked, min_instances=asked.min_instances or None)
    assert cloud.policies == []


@pytest.mark.parametrize("variant", Variant)
async def test_the_guides_commands_still_send_what_is_recorded(
    variant: Variant, cloud: Recorder, tmp_path: Path
) -> None:
    place = ServiceName("sandbox", "us-central1", f"z-{variant}")
    sent = await carried_out(cloud, tmp_path, guide_deploy(place, variant))
    assert sent == guide_wish(place, variant).settings
    kept = json.loads((Path(__file__).parent / "recorded" / f"guide-{variant}.json").read_text())
    (policy,) = cloud.policies
    assert policy["bindings"] == kept["policy"]["bindings"]


async def test_a_service_may_be_made_for_everybody(cloud: Recorder, tmp_path: Path) -> None:
    await carried_out(cloud, tmp_path, deploy(PLACE, CPU, public=True))
    (policy,) = cloud.policies
    assert policy["bindings"] == [{"role": "roles/run.invoker", "members": ["allUsers"]}]


@pytest.mark.parametrize(
    ("observed", "wanted"),
    [
        (guide_wish(PLACE, Variant.CPU).settings, CPU),
        (guide_wish(PLACE, Variant.GPU).settings, GPU),
        (GPU, CPU),
        (CPU, replace(EVERYTHING, ingress=Ingress.INTERNAL)),
        (EVERYTHING, replace(CPU, callers_unchecked=False)),
        (EVERYTHING, replace(EVERYTHING, mounts=(Mount(bucket="new", path="/new"),))),
        (CPU, replace(CPU, max_instances=2)),
    ],
    ids=["guide to safe", "guide to safe on gpu", "gpu to cpu", "all", "back", "moved", "one"],
)
async def test_changing_by_hand_asks_for_the_same(
    observed: ServiceSettings, wanted: ServiceSettings, cloud: Recorder, tmp_path: Path
) -> None:
    before = await carried_out(cloud, tmp_path, deploy(PLACE, observed))
    assert changes(before, observed) == ()
    line = update(PLACE, observed, wanted)
    sent = await carried_out(cloud, tmp_path, line)
    assert changes(sent, wanted) == ()
    assert len(cloud.sent) == 2
    # Nothing else came along.
    assert _names(sent, observed) <= _names(wanted, observed)


async def test_instances_and_callers_are_switched_by_hand(cloud: Recorder, tmp_path: Path) -> None:
    await carried_out(cloud, tmp_path, deploy(PLACE, CPU))
    stopped = await carried_out(cloud, tmp_path, set_instances(PLACE, 0))
    assert stopped.manual_instances == 0
    going = await carried_out(cloud, tmp_path, set_instances(PLACE, None))
    assert going.manual_instances is None
    unchecked = await carried_out(cloud, tmp_path, check_callers(PLACE, False))
    assert unchecked.callers_unchecked
    checked = await carried_out(cloud, tmp_path, check_callers(PLACE, True))
    assert not checked.callers_unchecked


def test_nothing_that_differs_is_no_command() -> None:
    assert update(PLACE, CPU, CPU) == ""


def _names(one: ServiceSettings, other: ServiceSettings) -> set[str]:
    return {each.setting for each in changes(one, other)}
