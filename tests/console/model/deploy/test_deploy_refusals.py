"""What cannot come to a good end is refused before anything is changed, each with its mend."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from plan_world import (
    PRICES,
    TODAY,
    PlanWorld,
    safe_bucket,
    stored,
)
from refused_worlds import BUCKET, CPU, GIB, GPU, L4, PLACE, REFUSED, at, having

from console.model.access import Grant
from console.model.cost.prices import Gpu
from console.model.deploy.defaults import cpu_wish, gpu_wish, guide_wish
from console.model.deploy.document import plan_document
from console.model.deploy.observed import Observed, Unseen
from console.model.deploy.planning import plan_deployment
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.step import Plan, Subject
from console.model.deploy.wish import DeployWish, ImageWay, Variant
from console.model.text import SafeText


@pytest.mark.parametrize(
    ("wish", "spoil", "about", "words", "mend"), REFUSED.values(), ids=list(REFUSED)
)
def test_one_thing_wrong_is_one_refusal_with_its_mend(
    wish: DeployWish,
    spoil: Callable[[PlanWorld], object],
    about: Subject,
    words: str,
    mend: str,
) -> None:
    world = PlanWorld()
    spoil(world)
    (refusal,) = world.plan(wish).refusals
    assert refusal.about is about
    assert words in refusal.words
    assert mend in refusal.mend
    assert refusal.mend
    assert "\n" not in refusal.words + refusal.mend


HEALTHY = {
    "cpu": CPU,
    "gpu": GPU,
    "rtx": gpu_wish(PLACE, gpu=Gpu.RTX_PRO_6000, models="models"),
    "another region": at(CPU, "africa-south1"),
    "as in the guide": guide_wish(PLACE, Variant.CPU, models="models"),
    "in the cloud": cpu_wish(PLACE, models="models", way=ImageWay.CLOUD_BUILD),
    "variables": having(CPU, variables=(("MODE", "fast"), ("KEYBOARD", "x"), ("API_KEY", ""))),
}


@pytest.mark.parametrize("wish", HEALTHY.values(), ids=list(HEALTHY))
def test_nothing_is_refused_where_nothing_is_wrong(wish: DeployWish) -> None:
    world = PlanWorld()
    assert world.plan(wish).hindrances == ()
    assert world.deployed(wish).plan(wish).hindrances == ()


def test_a_quota_that_is_just_enough_is_enough() -> None:
    world = PlanWorld(
        quotas={L4: 1, "MemAllocPerProjectRegion": 16 * GIB, "CpuAllocPerProjectRegion": 4_000}
    )
    assert world.plan(GPU).refusals == ()


def test_several_things_wrong_are_told_together_in_the_order_of_the_steps() -> None:
    world = PlanWorld(billing=False, builder=None, problem="there is no VAE")
    about = [each.about for each in world.plan(CPU).refusals]
    assert about == [Subject.APIS, Subject.MODELS, Subject.IMAGE]


def test_docker_is_not_needed_where_the_image_is_there_already() -> None:
    world = PlanWorld().deployed(CPU)
    world.builder = None
    assert world.plan(CPU).refusals == ()


def test_what_another_file_for_a_part_would_do_is_said_before_it_is_sent() -> None:
    world = PlanWorld()
    seen = world.look(CPU)
    models = seen.models
    assert not isinstance(models, Unseen)
    push = replace(models.push, others=(stored("qwen-old.gguf", 5),))
    there = replace(seen, models=replace(models, push=push))
    (refusal,) = plan_deployment(CPU, there, PRICES, TODAY).refusals
    assert refusal.mend == f"gcloud storage rm gs://{BUCKET}/qwen-old.gguf"


def test_everybody_with_more_than_the_right_to_call_is_not_taken_away_in_silence() -> None:
    world = PlanWorld().deployed(CPU)
    world.callers = (Grant(SafeText("roles/run.admin"), (SafeText("allUsers"),)),)
    (refusal,) = world.plan(CPU).refusals
    assert "allUsers has roles/run.admin" in refusal.words
    assert "remove-iam-policy-binding z-image --member=allUsers" in refusal.mend


def test_only_the_permissions_that_the_plan_takes_are_asked_for() -> None:
    world = PlanWorld().deployed(CPU)
    world.lacking = frozenset({"run.services.create", "storage.buckets.create"})
    assert world.plan(CPU).refusals == ()


def test_what_may_be_granted_for_a_bucket_alone_is_told_but_not_refused() -> None:
    world = PlanWorld(lacking=frozenset({"storage.objects.create", "storage.buckets.create"}))
    assert [each.about for each in world.plan(CPU).refusals] == [Subject.BUCKET, Subject.MODELS]
    world.bucket = safe_bucket(BUCKET, "us-central1")
    plan = world.plan(CPU)
    assert plan.refusals == ()
    (note,) = plan.notes
    assert "unless it has that for the bucket alone" in note
    assert "roles/storage.objectUser" in note


def test_a_service_that_was_stopped_by_hand_is_told_to_scale_again() -> None:
    world = PlanWorld().deployed(CPU)
    assert world.service is not None
    world.service = replace(world.service, manual_instances=0)
    (step,) = world.plan(CPU).acting
    assert [each.setting for each in step.changes] == ["instances"]
    assert any("held at 0 instances now" in each for each in step.notes)


def test_a_lacking_login_blocks_a_plan_but_does_not_speak_against_it() -> None:
    nobody = Unseen(SafeText("nobody is logged in"), blocks=True)
    plan = plan_deployment(CPU, Observed(apis=nobody, service=nobody), PRICES, TODAY)
    assert plan.refusals == ()
    (block,) = plan.blocked
    assert block.words == "nobody is logged in"
    assert plan.acting


def test_docker_blocks_only_what_is_built_by_it() -> None:
    nobody = Unseen(SafeText("Docker does not answer"), blocks=True)
    world = PlanWorld()
    blocked = plan_deployment(CPU, replace(world.look(CPU), builder=nobody), PRICES, TODAY)
    assert [each.about for each in blocked.blocked] == [Subject.IMAGE]
    world.deployed(CPU)
    there = plan_deployment(CPU, replace(world.look(CPU), builder=nobody), PRICES, TODAY)
    assert there.hindrances == ()


def test_without_a_limit_of_instances_nobody_says_what_a_day_costs_at_most() -> None:
    plan = PlanWorld().plan(guide_wish(PLACE, Variant.GPU, models="models"))
    assert plan.worst_day is not None
    assert plan.worst_day.text() == "–"
    assert any("no limit of instances is set" in each for each in plan.notes)


@pytest.mark.parametrize(
    "variable",
    [("DB_PASSWORD", "xyzzy-plugh"), ("PLAIN", "-----BEGIN PRIVATE KEY-----xyzzy-plugh")],
    ids=["name", "value"],
)
def test_a_secret_is_in_nothing_that_a_plan_shows(variable: tuple[str, str]) -> None:
    wish = having(CPU, variables=(variable,))
    world = PlanWorld().deployed(CPU)
    assert world.service is not None
    world.service = replace(world.service, variables=((variable[0], "xyzzy-plugh-before"),))
    if variable[0] == "PLAIN":
        world.service = replace(world.service, variables=(variable,))
    for plan in (PlanWorld().plan(wish), world.plan(wish)):
        assert "xyzzy-plugh" not in shown(plan)


def shown(plan: Plan) -> str:
    parts = (plan.steps, plan.refusals, plan.notes, plan.service, plan_document(plan))
    return " ".join(map(str, parts))


def test_the_settings_that_are_wished_for_are_those_that_are_planned() -> None:
    plan = PlanWorld().plan(CPU)
    assert isinstance(plan.service, ServiceSettings)
    assert replace(plan.service, image="") == CPU.settings
