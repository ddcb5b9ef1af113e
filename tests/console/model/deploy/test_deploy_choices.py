"""What somebody says of a deployment, and what becomes of it."""

from dataclasses import replace
from datetime import date

import pytest

from console.model.cost.prices import Gpu
from console.model.deploy.choices import Choices, caller, secret, variable
from console.model.deploy.observed import Observed
from console.model.deploy.planning import plan_deployment
from console.model.deploy.settings import Secret
from console.model.deploy.wish import ImageWay, Variant, Visibility
from console.model.service import ServiceName
from console.sources.prices import packaged_prices

PLACE = ServiceName("acme", "europe-west4", "pictures")


def test_nothing_said_is_safe() -> None:
    wish = Choices().wish(PLACE)
    assert (wish.variant, wish.visibility) == (Variant.CPU, Visibility.PRIVATE)
    assert wish.bucket == "acme-z-image-models"
    assert wish.settings.mounts[0].read_only
    assert wish.settings.max_instances == 1


def test_what_is_said_takes_the_place_of_what_is_usual() -> None:
    wish = Choices(
        variant=Variant.GPU,
        gpu=Gpu.RTX_PRO_6000,
        bucket="ours",
        image="europe-west4-docker.pkg.dev/acme/own/image:1",
        memory="96Gi",
        max_instances=3,
        min_instances=1,
        timeout=60,
        public=True,
        variables=(("LOG", "loud"),),
        secrets=(Secret(variable="ZIMAGE_API_KEY", secret="key"),),
    ).wish(PLACE)
    settings = wish.settings
    assert (settings.gpu, settings.cpu, settings.memory) == (Gpu.RTX_PRO_6000, "20", "96Gi")
    assert (settings.min_instances, settings.max_instances, settings.timeout) == (1, 3, 60)
    assert [(each.bucket, each.path) for each in settings.mounts] == [("ours", "/models")]
    assert (wish.bucket, wish.visibility) == ("ours", Visibility.PUBLIC)
    assert (wish.image.way, wish.image.given) == (
        ImageWay.GIVEN,
        "europe-west4-docker.pkg.dev/acme/own/image:1",
    )
    assert settings.variables == (("LOG", "loud"),)
    assert settings.secrets[0].secret == "key"


def test_zero_is_something_that_is_said() -> None:
    assert Choices(max_instances=0).wish(PLACE).settings.max_instances == 0


def test_a_build_is_as_somebody_says() -> None:
    usual = Choices().wish(PLACE).image
    assert (usual.dockerfile, usual.machine, usual.disk) == (
        "Dockerfile.optimized",
        "E2_HIGHCPU_8",
        100,
    )
    said = Choices(dockerfile="Mine", machine="E2_MEDIUM", disk=50, build_timeout=600)
    image = said.wish(PLACE).image
    assert (image.dockerfile, image.machine, image.disk, image.timeout) == (
        "Mine",
        "E2_MEDIUM",
        50,
        600,
    )


def test_the_guide_is_followed_as_it_is() -> None:
    wish = Choices(as_in_guide=True, public=False).wish(PLACE)
    assert wish.as_in_guide
    assert wish.visibility is Visibility.PUBLIC
    assert wish.bucket == "z-image-models"


def test_variables_secrets_and_callers_are_read() -> None:
    assert variable("A=b=c") == ("A", "b=c")
    assert secret("KEY=held") == Secret(variable="KEY", secret="held", version="latest")
    assert secret("KEY=held:3").version == "3"
    assert caller("group:ops@example.com") == "group:ops@example.com"


@pytest.mark.parametrize(
    "text", ["", "A", "=b", "1A=b", "A B=c", "PORT=1", "K_SERVICE=x", "Ä=1"], ids=ascii
)
def test_a_variable_that_is_none_is_refused_without_its_value(text: str) -> None:
    with pytest.raises(ValueError, match=r"NAME=VALUE|set by Cloud Run"):
        variable(text)


def test_a_refused_variable_does_not_show_its_value() -> None:
    with pytest.raises(ValueError, match="NAME=VALUE") as refused:
        variable("my key=hunter2")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("text", ["KEY", "KEY=", "KEY=a/b", "KEY=a:0", "KEY=a:x"], ids=ascii)
def test_a_secret_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="NAME=SECRET"):
        secret(text)


@pytest.mark.parametrize("text", ["", "me", "allUsers", "user:", "user:a b"], ids=ascii)
def test_a_caller_who_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"names nobody|--public"):
        caller(text)


def test_the_guide_with_a_bucket_of_ones_own_is_the_guide_in_all_else() -> None:
    guide = Choices(as_in_guide=True, models="models").wish(PLACE)
    wish = Choices(as_in_guide=True, models="models", bucket="ours").wish(PLACE)
    (mount,) = wish.settings.mounts
    assert (wish.bucket, mount.bucket, mount.path) == ("ours", "ours", "/app")
    settings = replace(wish.settings, mounts=guide.settings.mounts)
    assert replace(wish, bucket=guide.bucket, settings=settings) == guide
    plan = plan_deployment(wish, Observed(), packaged_prices(), date(2026, 11, 30))
    commands = "\n".join(command for step in plan.steps for command in step.commands)
    assert "gs://ours" in commands
    assert "bucket=ours" in commands
    assert "z-image-models" not in commands
