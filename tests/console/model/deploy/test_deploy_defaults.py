"""What is deployed where nobody says otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.model.cost.prices import Gpu
from console.model.deploy.defaults import (
    CPU_CONCURRENCY,
    CPU_TIMEOUT,
    GUIDE_BUCKET,
    READY,
    cpu_wish,
    gpu_wish,
    guide_image,
    guide_wish,
)
from console.model.deploy.wish import DeployWish, ImageWay, Variant, Visibility
from console.model.image_name import ImageName
from console.model.service import ServiceName
from engine.settings import DEFAULT_DEADLINE

PLACE = ServiceName("a-project", "us-central1", "z-image")
SAFE = {
    "cpu": cpu_wish(PLACE),
    "l4": gpu_wish(PLACE),
    "rtx": gpu_wish(PLACE, gpu=Gpu.RTX_PRO_6000),
}


@pytest.mark.parametrize("wish", SAFE.values(), ids=SAFE.keys())
def test_what_nobody_said_anything_about_is_safe(wish: DeployWish) -> None:
    settings = wish.settings
    assert wish.visibility is Visibility.PRIVATE
    assert not wish.callers
    assert not settings.callers_unchecked
    assert (settings.min_instances, settings.max_instances) == (0, 1)
    assert settings.gpu_zonal_redundancy in (None, False)
    assert settings.service_account == "zimage-runtime@a-project.iam.gserviceaccount.com"
    (mount,) = settings.mounts
    assert (mount.bucket, mount.path, mount.read_only) == (
        *("a-project-z-image-models", "/models"),
        True,
    )
    assert settings.probe == READY
    assert settings.labels == (("managed-by", "zimage-console"),)
    assert settings.timeout is not None
    assert settings.variables == settings.secrets == ()


def test_a_gpu_is_billed_by_instance_and_asked_one_thing_at_a_time() -> None:
    for wish in (SAFE["l4"], SAFE["rtx"]):
        assert wish.settings.cpu_always is True
        assert wish.settings.gpu_zonal_redundancy is False
        assert wish.settings.concurrency == 1
    assert SAFE["cpu"].settings.cpu_always is False


def test_whoever_is_let_in_on_a_cpu_gets_a_picture_before_the_engine_gives_up() -> None:
    """The last place is for looking at the page; a request has time for a start before."""
    slowest = 200
    assert (CPU_CONCURRENCY - 1) * slowest <= DEFAULT_DEADLINE < CPU_TIMEOUT


def test_eight_gigabytes_are_read_in_time_from_a_mount_as_slow_as_was_seen_with_whole_reads() -> (
    None
):
    assert 8_000 / 40 < READY.patience <= 600
    assert max(READY.period, READY.timeout, READY.delay) <= 240


def test_an_image_for_a_cpu_is_never_that_for_a_gpu() -> None:
    one, other = (SAFE[each].image for each in ("cpu", "l4"))
    assert one.repository != other.repository
    assert one.dockerfile != other.dockerfile


def test_few_words_choose_another_bucket_image_and_number() -> None:
    image = "us-docker.pkg.dev/a-project/r/i@sha256:" + "0" * 64
    wish = cpu_wish(PLACE, bucket="mine", given=image, max_instances=3, models="files")
    assert (wish.bucket, wish.settings.mounts[0].bucket) == ("mine", "mine")
    assert (wish.image.way, wish.image.given) == (ImageWay.GIVEN, image)
    assert wish.settings.max_instances == 3
    assert wish.models == "files"


def test_the_guides_wish_leaves_to_the_platform_what_the_guide_leaves() -> None:
    for variant in Variant:
        wish = guide_wish(PLACE, variant)
        assert wish.as_in_guide
        assert wish.visibility is Visibility.PUBLIC
        assert wish.account_email == ""
        assert wish.bucket == GUIDE_BUCKET
        for said_by_nobody in (
            *("max_instances", "concurrency", "timeout", "probe", "service_account"),
            *("cpu_always", "gpu_zonal_redundancy"),
        ):
            assert getattr(wish.settings, said_by_nobody) is None


def test_the_guides_image_is_named_by_a_tag_that_both_variants_share() -> None:
    names = {guide_wish(PLACE, variant).settings.image for variant in Variant}
    assert names == {guide_image(PLACE)}
    assert ImageName.parse(guide_image(PLACE)).tag == "latest"


def test_an_account_of_a_project_of_a_domain_has_the_domain_behind() -> None:
    place = replace(PLACE, project="example.com:pictures")
    assert cpu_wish(place).account_email == (
        "zimage-runtime@pictures.example.com.iam.gserviceaccount.com"
    )


@pytest.mark.parametrize(
    "text",
    [
        "us-central1-docker.pkg.dev/a-project/z-image-cpu/z-image:src-0123",
        "us-docker.pkg.dev/a-project/r/a/b@sha256:" + "0" * 64,
        "eu.gcr.io/a-project/a/b:latest",
    ],
)
def test_the_name_of_an_image_is_written_as_it_is_read(text: str) -> None:
    assert ImageName.parse(text).text == text
