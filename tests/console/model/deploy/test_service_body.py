"""The settings of a service and the JSON that Cloud Run has them in."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest
from google.cloud import run_v2
from google.protobuf import json_format
from hypothesis import given
from service_settings import BODIES, settings

from console.model.cost.prices import Gpu
from console.model.deploy.defaults import cpu_wish, gpu_wish, guide_wish
from console.model.deploy.differences import changes
from console.model.deploy.service_body import body_of, settings_of
from console.model.deploy.settings import Mount, Secret, ServiceSettings
from console.model.deploy.wish import Variant
from console.model.service import ServiceName

PLACE = ServiceName("a-project", "us-central1", "z-image")
SMALL = ServiceSettings(image="i", cpu="1", memory="512Mi")


def told(body: dict[str, object]) -> dict[str, object]:
    """The same service as Google's own types write it, who leave out what is false or 0."""
    message = json_format.ParseDict(body, run_v2.Service.pb()())
    return json_format.MessageToDict(message)


@given(settings(all_said=True))
def test_what_is_written_reads_as_it_was(asked: ServiceSettings) -> None:
    assert settings_of(body_of(asked)) == (asked, ())


@given(settings())
def test_googles_own_types_take_it_and_lose_nothing(asked: ServiceSettings) -> None:
    body = body_of(asked)
    assert json.loads(json.dumps(body)) == body
    found, unmodelled = settings_of(told(body))
    assert unmodelled == ()
    assert changes(found, asked) == ()


@given(settings(), settings())
def test_a_service_that_is_changed_is_as_wanted_then(
    before: ServiceSettings, wanted: ServiceSettings
) -> None:
    there = told(body_of(before))
    made = told(body_of(wanted, there))
    assert changes(settings_of(made)[0], wanted) == ()
    assert told(body_of(wanted, made)) == made


@given(settings(), settings())
def test_what_there_is_is_not_touched(before: ServiceSettings, wanted: ServiceSettings) -> None:
    there = body_of(before)
    kept = copy.deepcopy(there)
    body_of(wanted, there)
    assert there == kept


@given(BODIES)
def test_nothing_that_is_no_service_breaks_it(body: dict[str, object]) -> None:
    found, unmodelled = settings_of(body)
    assert isinstance(found, ServiceSettings)
    assert all(each.isprintable() and len(each) < 80 for each in unmodelled)


@pytest.mark.parametrize(
    "wish",
    [cpu_wish(PLACE), gpu_wish(PLACE), guide_wish(PLACE, Variant.CPU)],
    ids=["cpu", "gpu", "guide"],
)
def test_other_ways_to_write_the_same_are_left_alone(wish) -> None:
    asked = replace(wish.settings, image="r/i@sha256:" + "0" * 64)
    there = told(body_of(asked))
    container = there["template"]["containers"][0]
    container["resources"]["limits"] |= {"cpu": "4000m", "memory": "16384Mi"}
    assert body_of(asked, there) == there


def test_a_service_that_says_nothing_of_billing_is_billed_by_request() -> None:
    """Limits without a word on it would mean billing by instance."""
    resources = body_of(SMALL)["template"]["containers"][0]["resources"]
    assert resources["cpuIdle"] is True
    on_gpu = body_of(replace(SMALL, gpu=Gpu.L4))["template"]["containers"][0]["resources"]
    assert "cpuIdle" not in on_gpu


def test_what_the_settings_do_not_speak_of_stays() -> None:
    there = body_of(replace(SMALL, variables=(("MINE", "1"),), labels=(("team", "a"),)))
    there["customAudiences"] = ["https://a.test"]
    there["template"]["vpcAccess"] = {"egress": "ALL_TRAFFIC"}
    there["template"]["containers"][0]["livenessProbe"] = {"grpc": {}}
    there["template"]["containers"].append({"image": "beside"})
    there["template"]["volumes"] = [{"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}}]
    there["template"]["containers"][0]["volumeMounts"] = [{"name": "scratch", "mountPath": "/tmp"}]
    wanted = replace(
        cpu_wish(PLACE).settings, image="j", secrets=(Secret(variable="KEY", secret="s"),)
    )
    made = body_of(wanted, there)
    found, unmodelled = settings_of(made)
    assert changes(found, wanted) == ()
    assert found.variables == (("MINE", "1"),)
    assert dict(found.labels) == {"team": "a", "managed-by": "zimage-console"}
    assert unmodelled == (
        "custom audiences",
        "a network of its own (VPC)",
        "a volume that is no bucket",
        "1 more container",
        "a liveness probe",
    )
    template = made["template"]
    assert template["containers"][1] == {"image": "beside"}
    assert template["vpcAccess"] == {"egress": "ALL_TRAFFIC"}
    assert [each["mountPath"] for each in template["containers"][0]["volumeMounts"]] == [
        *("/tmp", "/models")
    ]


def test_a_bucket_that_is_seen_elsewhere_moves() -> None:
    """Who deployed by the guide has the bucket over the image's code."""
    there = told(body_of(guide_wish(PLACE, Variant.CPU).settings))
    made = body_of(replace(cpu_wish(PLACE).settings, image="i"), there)
    assert settings_of(made)[0].mounts == (
        Mount(bucket="a-project-z-image-models", path="/models", read_only=True),
    )


def test_a_gpu_can_be_given_back() -> None:
    there = told(body_of(replace(gpu_wish(PLACE).settings, image="i")))
    made = body_of(replace(cpu_wish(PLACE).settings, image="i"), there)
    assert settings_of(made)[0].gpu is None
    assert "nodeSelector" not in made["template"]
    assert "nvidia.com/gpu" not in str(made)


def test_a_gpu_of_a_kind_that_is_new_is_not_taken_away() -> None:
    there = body_of(SMALL)
    there["template"]["nodeSelector"] = {"accelerator": "nvidia-z9"}
    found, unmodelled = settings_of(there)
    assert found.gpu is None
    assert unmodelled == ("a GPU of another kind",)
    made = body_of(replace(SMALL, timeout=5), there)
    assert made["template"]["nodeSelector"] == {"accelerator": "nvidia-z9"}


def test_limits_for_all_revisions_follow_those_of_each() -> None:
    there = body_of(replace(SMALL, max_instances=10, min_instances=0))
    there["scaling"] = {"minInstanceCount": 2, "maxInstanceCount": 3}
    found = settings_of(there)[0]
    assert (found.min_instances, found.max_instances) == (2, 3)
    made = body_of(replace(SMALL, min_instances=0, max_instances=5), there)
    assert settings_of(made)[0].max_instances == 5
    assert settings_of(told(made))[0].min_instances in (0, None)


def test_a_service_that_was_stopped_by_hand_can_go_on() -> None:
    there = told(body_of(replace(SMALL, manual_instances=0)))
    assert settings_of(there)[0].manual_instances == 0
    going = body_of(SMALL, there)
    assert settings_of(going)[0].manual_instances is None
    assert going["scaling"] == {"scalingMode": "AUTOMATIC"}


def test_the_name_of_a_revision_is_not_used_twice() -> None:
    there = body_of(SMALL)
    there["template"]["revision"] = "z-image-00001-abc"
    assert "revision" not in body_of(replace(SMALL, timeout=9), there)["template"]
    assert body_of(SMALL, there)["template"]["revision"] == "z-image-00001-abc"
