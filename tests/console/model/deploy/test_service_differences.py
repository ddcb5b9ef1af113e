"""What would change about a service, and what means the same."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from service_settings import settings

from console.model.cost.prices import Gpu
from console.model.deploy.defaults import cpu_wish, gpu_wish
from console.model.deploy.differences import changed_fields, changes
from console.model.deploy.settings import (
    Ingress,
    Mount,
    Probe,
    ProbeKind,
    Secret,
    ServiceSettings,
)
from console.model.service import ServiceName

PLACE = ServiceName("a-project", "us-central1", "z-image")
SAFE = replace(cpu_wish(PLACE).settings, image="r/i@sha256:" + "0" * 64)
BARE = ServiceSettings(image="r/i:1", cpu="4", memory="16Gi")
DIGEST = "@sha256:" + "1" * 64
BY_ITSELF = Probe(kind=ProbeKind.TCP, period=240, timeout=240, failures=1)


@given(settings())
def test_what_is_as_wanted_has_no_changes(asked: ServiceSettings) -> None:
    assert changes(asked, asked) == ()


@pytest.mark.parametrize(
    ("observed", "wanted"),
    [
        (replace(BARE, timeout=300, concurrency=80, min_instances=0), BARE),
        (BARE, replace(BARE, timeout=300, concurrency=80, min_instances=0)),
        (BARE, replace(BARE, cpu="4000m", memory="16384Mi")),
        (BARE, replace(BARE, cpu_always=False, cpu_boost=False, ingress=Ingress.ALL)),
        (replace(BARE, image=f"r/i{DIGEST}"), BARE),
        (replace(BARE, image=f"r/i:1{DIGEST}"), replace(BARE, image=f"r/i{DIGEST}")),
        (BARE, replace(BARE, image="")),
        (replace(BARE, service_account="12-compute@developer.gserviceaccount.com"), BARE),
        (replace(BARE, probe=BY_ITSELF), BARE),
        (replace(SAFE, second_generation=None), SAFE),
        (replace(BARE, cpu="500m", concurrency=1), replace(BARE, cpu="0.5")),
        (
            replace(BARE, mounts=(Mount(bucket="b", path="/m", options=("a", "b")),)),
            replace(BARE, mounts=(Mount(bucket="b", path="/m", options=("b", "a")),)),
        ),
        (replace(BARE, labels=(("team", "a"),), variables=(("MINE", "1"),)), BARE),
        (replace(BARE, max_instances=7, timeout=900), BARE),
    ],
    ids=[
        *("platform's defaults", "platform's defaults said", "quantities", "switches"),
        *("tag resolved", "tag and digest", "image not known", "default account"),
        *("default probe", "generation of mounts", "small", "options in another order"),
        *("names of others", "nobody says"),
    ],
)
def test_what_means_the_same_is_no_change(
    observed: ServiceSettings, wanted: ServiceSettings
) -> None:
    assert changes(observed, wanted) == ()


CHANGED = {
    "image": f"r/i{DIGEST}",
    "cpu": "8",
    "memory": "32Gi",
    "gpu": Gpu.L4,
    "cpu_always": True,
    "cpu_boost": False,
    "port": 80,
    "concurrency": 1,
    "timeout": 300,
    "min_instances": 1,
    "max_instances": 3,
    "manual_instances": 0,
    "second_generation": False,
    "service_account": "b@c",
    "probe": BY_ITSELF,
    "mounts": (Mount(bucket="another", path="/models"),),
    "variables": (("A", "1"),),
    "secrets": (Secret(variable="K", secret="s"),),
    "ingress": Ingress.INTERNAL,
    "callers_unchecked": True,
    "labels": (("managed-by", "me"),),
}


def test_every_setting_is_thought_of() -> None:
    said = {each.name for each in fields(ServiceSettings)} - {"gpu_zonal_redundancy"}
    assert said == set(CHANGED)


@pytest.mark.parametrize("field", CHANGED)
def test_one_setting_that_differs_is_one_change(field: str) -> None:
    wanted = replace(SAFE, **{field: CHANGED[field]})
    found = [changed for changed, _ in changed_fields(SAFE, wanted)]
    assert found == [field]


def test_a_gpu_given_back_is_told() -> None:
    on_gpu = replace(gpu_wish(PLACE).settings, image="r/i:1")
    changed = {each.setting: (each.observed, each.wanted) for each in changes(on_gpu, SAFE)}
    assert changed["GPU"] == ("nvidia-l4", "none")
    assert "zonal redundancy of the GPU" not in changed


def test_zonal_redundancy_is_on_where_nobody_says() -> None:
    unsaid = replace(BARE, gpu=Gpu.L4)
    (change,) = changes(unsaid, replace(unsaid, gpu_zonal_redundancy=False))
    assert (change.setting, change.wanted) == ("zonal redundancy of the GPU", "off")
    assert changes(unsaid, replace(unsaid, gpu_zonal_redundancy=True)) == ()


def test_a_mount_that_moves_is_told_of_at_both_ends() -> None:
    observed = replace(SAFE, mounts=(Mount(bucket="b", path="/app", read_only=False),))
    gone, new = changes(observed, SAFE)
    assert (gone.setting, gone.observed, gone.wanted) == (
        *("mount at /app", "gs://b, may be written to"),
        "–",
    )
    assert (new.setting, new.observed) == ("mount at /models", "–")
    assert new.wanted == "gs://a-project-z-image-models, read only"


def test_the_value_of_a_variable_that_is_a_secret_is_not_shown() -> None:
    observed = replace(BARE, variables=(("ZIMAGE_API_KEY", "old-key"), ("LEVEL", "1")))
    wanted = replace(BARE, variables=(("ZIMAGE_API_KEY", "new-key"), ("LEVEL", "2")))
    key, level = changes(observed, wanted)
    assert (key.observed, key.wanted) == ("(withheld)", "(withheld)")
    assert (level.observed, level.wanted) == ("'1'", "'2'")
    assert "new-key" not in repr(changes(None, wanted))


def test_what_is_new_has_nothing_before() -> None:
    made = changes(None, SAFE)
    assert {each.observed for each in made} == {"–"}
    told = {each.setting: each.wanted for each in made}
    assert told["most instances"] == "1"
    assert told["start-up probe"] == "HTTP /readyz on 7860, each 10 s, 60 times, 5 s an answer"
    assert not {"GPU", "instances"} & told.keys()


def test_each_safe_setting_says_why() -> None:
    needing = {
        *("most instances", "requests at once", "timeout", "start-up probe", "service account"),
        *("mount at /models", "billing", "image", "label managed-by"),
    }
    why = {each.setting: each.why for each in changes(None, SAFE)}
    assert needing <= {setting for setting, reason in why.items() if reason}
