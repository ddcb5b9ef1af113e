"""A plan as a JSON document: whole, stable, and without secrets."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_world import PATIENTLY, PRICES, TODAY, PlanWorld, revision

from console.model.deploy.defaults import cpu_wish, gpu_wish, guide_wish
from console.model.deploy.destroying import plan_destroy
from console.model.deploy.document import plan_document
from console.model.deploy.moving import plan_rollback, plan_scale
from console.model.deploy.observed import ABSENT, NOT_LOOKED, Observed, Unseen
from console.model.deploy.planning import plan_deployment
from console.model.deploy.service_body import settings_of
from console.model.deploy.wish import DeployWish, Variant
from console.model.service import ServiceName
from console.model.text import SafeText

PLACE = ServiceName("art-shop", "us-central1", "z-image")
CPU = cpu_wish(PLACE, models="models")
GPU = gpu_wish(PLACE, models="models")


def test_a_fresh_project_that_nobody_may_ask_has_a_whole_document() -> None:
    plan = plan_deployment(GPU, Observed(), PRICES, TODAY)
    said = json.loads(json.dumps(plan_document(plan)))
    assert said["schema_version"] == 1
    assert said["service_name"] == "art-shop/us-central1/z-image"
    assert said["carried_out"] is True
    assert said["confirmation"] == "a key"
    assert said["wish"]["variant"] == "gpu"
    assert said["wish"]["image"]["name"].endswith("/art-shop/z-image-gpu/z-image:src-CHECKSUM")
    assert [each["subject"] for each in said["steps"]][:3] == ["apis", "quota", "bucket"]
    assert all(each["assumed"] for each in said["steps"] if each["effect"] == "create")
    assert said["estimates"]["prices_of"] == PRICES.date.isoformat()
    assert said["estimates"]["worst_day"]["missing"] == []
    assert said["estimates"]["estimate"] is True


@pytest.mark.parametrize("wish", [CPU, GPU], ids=["cpu", "gpu"])
def test_the_service_is_the_one_that_cloud_run_gets(wish: DeployWish) -> None:
    world = PlanWorld().deployed(wish)
    plan = world.plan(wish)
    said = plan_document(plan)["service"]
    assert isinstance(said, dict)
    assert settings_of(said)[0] == plan.service
    assert "@sha256:" in json.dumps(said)


def test_every_difference_to_the_guide_is_explained() -> None:
    said = plan_document(PlanWorld().plan(GPU))["guide_differences"]
    assert isinstance(said, list)
    assert {each["id"] for each in said} >= {"uncapped", "gpu-quota", "image-tag", "public"}
    assert all(each["why"] for each in said)
    guide = guide_wish(PLACE, Variant.GPU)
    assert plan_document(PlanWorld().plan(guide))["guide_differences"] == []


def test_what_is_refused_is_in_it_with_its_mend() -> None:
    said = plan_document(PlanWorld(billing=False).plan(CPU))
    assert said["carried_out"] is False
    assert said["refusals"] == [
        {
            "about": "apis",
            "words": "billing is off: nobody pays for art-shop, and Cloud Run starts nothing there",
            "mend": "gcloud billing projects link art-shop --billing-account=ACCOUNT_ID",
        }
    ]


def test_what_keeps_it_from_being_carried_out_is_told_apart() -> None:
    nobody = Observed(apis=Unseen(SafeText("nobody is logged in"), blocks=True))
    said = plan_document(plan_deployment(CPU, nobody, PRICES, TODAY))
    assert said["refusals"] == []
    assert said["carried_out"] is False
    assert isinstance(said["blocked"], list)
    assert said["blocked"][0]["words"] == "nobody is logged in"


def test_moves_and_removals_are_documents_too() -> None:
    world = PlanWorld().deployed(CPU)
    world.revisions = (revision(2), revision(1))
    back = plan_document(plan_rollback(PLACE, world.look(CPU)))
    assert back["traffic"] == [
        {"percent": 100, "revision": "z-image-00001-abc", "latest": False, "tag": None}
    ]
    assert back["service"] is None
    stop = plan_document(plan_scale(PLACE, world.look(CPU), 0, PRICES))
    assert stop["instances"] == 0
    gone = plan_document(plan_destroy(CPU, world.look(CPU), PRICES))
    assert gone["confirmation"] == "the name of the service"
    assert isinstance(gone["stays"], list)
    assert gone["stays"]


BLOCKING = Unseen(SafeText("there is no network"), blocks=True)
FIELDS = (
    *("project_number", "billing", "apis", "lacking", "bucket", "models", "repository", "source"),
    *("builder", "image", "account", "service", "neighbours"),
)


@PATIENTLY
@given(
    wish=st.sampled_from([CPU, GPU, guide_wish(PLACE, Variant.CPU, models="models")]),
    deployed=st.booleans(),
    blinds=st.dictionaries(
        st.sampled_from(FIELDS), st.sampled_from([ABSENT, NOT_LOOKED, BLOCKING])
    ),
)
def test_however_little_is_known_a_plan_is_whole_and_can_be_written_down(
    wish: DeployWish, deployed: bool, blinds: dict[str, object]
) -> None:
    world = PlanWorld().deployed(wish) if deployed else PlanWorld()
    seen = replace(world.look(wish), **blinds)
    for plan in (
        plan_deployment(wish, seen, PRICES, TODAY),
        plan_destroy(wish, seen, PRICES, with_bucket=True),
        plan_rollback(PLACE, seen),
        plan_scale(PLACE, seen, 0, PRICES),
    ):
        said = json.loads(json.dumps(plan_document(plan)))
        assert said["steps"] or said["refusals"] or said["blocked"]
        assert not said["blocked"] or BLOCKING in blinds.values()
        assert said["carried_out"] <= (not said["blocked"] and not said["refusals"])
