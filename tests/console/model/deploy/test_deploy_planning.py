"""A deployment planned: from whatever there is to what is wanted, and no further."""

import copy
import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_world import PATIENTLY, PRICES, TODAY, PlanWorld, safe_bucket

from console.model.access import EVERYBODY, Grant
from console.model.cost.prices import Gpu
from console.model.deploy.defaults import cpu_wish, gpu_wish, guide_wish
from console.model.deploy.guide_commands import guide_deploy
from console.model.deploy.observed import Observed
from console.model.deploy.planning import plan_deployment
from console.model.deploy.scene import TO_BE_BUILT
from console.model.deploy.step import Change, Confirmation, Effect, Plan, Step, Subject
from console.model.deploy.wish import DeployWish, ImageWay, Variant, Visibility
from console.model.service import ServiceName, TrafficShare
from console.model.text import SafeText

PLACE = ServiceName("shop", "us-central1", "z-image")
CPU = cpu_wish(PLACE, models="models")
WISHES = {
    "cpu": CPU,
    "gpu": gpu_wish(PLACE, models="models", max_instances=2),
    "rtx": gpu_wish(PLACE, gpu=Gpu.RTX_PRO_6000, models="models"),
    "cloud build": cpu_wish(PLACE, models="models", way=ImageWay.CLOUD_BUILD),
    "public": replace(CPU, visibility=Visibility.PUBLIC),
    "unchecked": replace(
        CPU,
        visibility=Visibility.PUBLIC,
        settings=replace(CPU.settings, callers_unchecked=True),
    ),
    "callers": replace(CPU, callers=("user:ada@example.com", "group:all@example.com")),
    "guide cpu": guide_wish(PLACE, Variant.CPU, models="models"),
    "guide gpu": guide_wish(PLACE, Variant.GPU, models="models"),
}
EVERY_WISH = pytest.mark.parametrize("wish", WISHES.values(), ids=list(WISHES))


def step(plan: Plan, subject: Subject) -> Step:
    return next(each for each in plan.steps if each.subject is subject)


def unseen(wish: DeployWish) -> Plan:
    return plan_deployment(wish, Observed(), PRICES, TODAY)


@EVERY_WISH
def test_where_nobody_could_look_there_is_a_whole_plan_that_says_what_it_assumes(
    wish: DeployWish,
) -> None:
    plan = unseen(wish)
    assert not plan.hindrances
    assert plan.service is not None
    assert all(each.assumed for each in plan.acting if each.subject is not Subject.ACCESS)
    made = {each.subject for each in plan.acting}
    assert made >= {Subject.APIS, Subject.BUCKET, Subject.MODELS, Subject.IMAGE, Subject.SERVICE}


@EVERY_WISH
def test_what_was_carried_out_needs_nothing_more(wish: DeployWish) -> None:
    world = PlanWorld().deployed(wish)
    plan = world.plan(wish)
    assert [each.title for each in plan.acting] == []
    assert not plan.hindrances


@EVERY_WISH
def test_broken_off_anywhere_it_comes_to_the_same_end(wish: DeployWish) -> None:
    whole = PlanWorld().deployed(wish)
    count = len(PlanWorld().plan(wish).acting)
    for done in range(count):
        world = PlanWorld()
        world.carry_out(world.plan(wish), done)
        rest = world.plan(wish)
        assert len(rest.acting) == count - done
        world.carry_out(rest)
        assert world == whole


@EVERY_WISH
def test_steps_are_in_the_order_of_a_deployment(wish: DeployWish) -> None:
    order = list(Subject)
    for plan in (unseen(wish), PlanWorld().deployed(wish).plan(wish)):
        subjects = [order.index(each.subject) for each in plan.steps]
        assert subjects == sorted(set(subjects))


@EVERY_WISH
def test_every_step_that_acts_can_be_done_by_hand_and_undone_or_says_why_not(
    wish: DeployWish,
) -> None:
    drifted = PlanWorld().deployed(wish)
    drifted.service = replace(drifted.service, memory="8Gi") if drifted.service else None
    for plan in (unseen(wish), PlanWorld().plan(wish), drifted.plan(wish)):
        for each in plan.acting:
            assert each.commands, each.title
            assert each.undo or each.notes, each.title
            for line in (*each.commands, *each.undo):
                assert shlex.split(line)[0] in PROGRAMS
                assert "\n" not in line


PROGRAMS = ("gcloud", "docker", "echo", "zimage-console")
FIELDS = {
    "cpu": ("cpu", "8", "vCPU"),
    "memory": ("memory", "12Gi", "memory"),
    "concurrency": ("concurrency", 2, "requests at once"),
    "timeout": ("timeout", 600, "timeout"),
    "most": ("max_instances", 3, "most instances"),
    "least": ("min_instances", 1, "least instances"),
    "boost": ("cpu_boost", False, "CPU boost"),
    "billing": ("cpu_always", True, "billing"),
    "variable": ("variables", (("MODE", "fast"),), "variable MODE"),
}


@pytest.mark.parametrize(("field", "value", "words"), FIELDS.values(), ids=list(FIELDS))
def test_one_setting_changed_is_all_that_a_plan_changes(
    field: str, value: object, words: str
) -> None:
    world = PlanWorld().deployed(CPU)
    wish = replace(CPU, settings=replace(CPU.settings, **{field: value}))
    plan = world.plan(wish)
    assert [each.subject for each in plan.acting] == [Subject.SERVICE]
    assert [each.setting for each in plan.acting[0].changes] == [words]
    assert plan.acting[0].effect is Effect.CHANGE
    world.carry_out(plan)
    assert world.plan(wish).acting == ()


@PATIENTLY
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "cpu": st.sampled_from(["4", "6"]),
            "memory": st.sampled_from(["8Gi", "12Gi", "16Gi"]),
            "timeout": st.integers(1, 3_600),
            "concurrency": st.integers(1, 1_000),
            "max_instances": st.integers(2, 5),
            "min_instances": st.integers(0, 2),
            "cpu_boost": st.booleans(),
            "cpu_always": st.booleans(),
        },
    )
)
def test_whatever_changes_is_changed_by_the_service_alone(changed: dict[str, object]) -> None:
    world = PlanWorld().deployed(CPU)
    base = replace(CPU.settings, max_instances=2)
    model = replace(CPU, settings=replace(base, **changed))
    world.sizes = {part: (name, size // 4) for part, (name, size) in world.sizes.items()}
    world.objects = dict(world.sizes.values())
    plan = world.plan(model)
    assert {each.subject for each in plan.acting} <= {Subject.SERVICE}
    world.carry_out(plan)
    assert world.plan(model).acting == ()


def test_another_source_builds_another_image_and_nothing_else() -> None:
    world = PlanWorld().deployed(CPU)
    world.images.clear()
    plan = world.plan(CPU)
    assert [each.subject for each in plan.acting] == [Subject.IMAGE, Subject.SERVICE]
    there = world.service.image if world.service else ""
    assert Change("image", there, TO_BE_BUILT, open=True) in step(plan, Subject.SERVICE).changes
    assert plan.service is not None
    assert plan.service.image == ""


def test_a_built_image_is_named_by_its_digest() -> None:
    world = PlanWorld().deployed(CPU)
    assert world.service is not None
    assert "@sha256:" in world.service.image
    assert "/z-image-cpu/z-image:src-c0ffeec0ffee" in world.service.image


def test_after_a_rollback_a_new_revision_gets_the_requests_again() -> None:
    world = PlanWorld().deployed(CPU)
    world.traffic = (TrafficShare(100, world.revisions[0].name),)
    wish = replace(CPU, settings=replace(CPU.settings, timeout=600))
    plan = world.plan(wish)
    assert [each.subject for each in plan.acting] == [Subject.SERVICE, Subject.TRAFFIC]
    assert plan.traffic == (TrafficShare(100),)
    assert "z-image-00001-abc=100" in step(plan, Subject.TRAFFIC).undo[0]
    world.carry_out(plan)
    assert world.traffic == (TrafficShare(100),)


def test_without_a_new_revision_requests_stay_where_an_operator_sent_them() -> None:
    world = PlanWorld().deployed(CPU)
    world.traffic = (TrafficShare(100, world.revisions[0].name),)
    plan = world.plan(CPU)
    assert plan.acting == ()
    assert step(plan, Subject.TRAFFIC).title.startswith("requests stay where they are")


def test_a_service_that_somebody_else_made_is_changed_only_by_its_name() -> None:
    world = PlanWorld().deployed(CPU)
    assert world.service is not None
    world.service = replace(world.service, labels=(("team", "art"),), timeout=60)
    world.unmodelled = (SafeText("VPC access"),)
    plan = world.plan(CPU)
    assert plan.confirmation is Confirmation.NAME
    notes = " ".join(step(plan, Subject.SERVICE).notes)
    assert "the console did not make this service" in notes
    assert "left as they are: VPC access" in notes
    world.carry_out(plan)
    assert world.service is not None
    assert ("team", "art") in world.service.labels
    assert world.plan(CPU).confirmation is Confirmation.KEY


def test_whoever_was_let_in_by_hand_stays_but_not_everybody() -> None:
    world = PlanWorld().deployed(CPU)
    members = (SafeText("user:eve@example.com"), SafeText(EVERYBODY))
    world.callers = (Grant(SafeText("roles/run.invoker"), members),)
    plan = world.plan(CPU)
    assert step(plan, Subject.ACCESS).changes == (Change(EVERYBODY, "may call", "may not call"),)
    world.carry_out(plan)
    assert world.callers[0].members == ("user:eve@example.com",)


def test_public_is_typed_and_says_what_a_day_costs_at_most() -> None:
    plan = PlanWorld().plan(WISHES["public"])
    assert plan.confirmation is Confirmation.PUBLIC
    assert any("a day at most" in each and "$" in each for each in plan.notes)


def test_an_unsafe_bucket_is_made_safe_setting_by_setting() -> None:
    world = PlanWorld().deployed(CPU)
    unsafe = safe_bucket("shop-z-image-models", "us-central1")
    world.bucket = replace(unsafe, versioned=True, uniform_access=False)
    found = step(world.plan(CPU), Subject.BUCKET)
    assert {each.setting for each in found.changes} == {"access", "versions"}
    assert len(found.commands) == len(found.undo) == 2
    assert found.brief == "about $0.15 a month"
    assert found.cost.startswith("versions: about $0.15 a month as it is, for each model")


def test_a_bucket_of_another_project_is_read_from_and_left_as_it_is() -> None:
    wish = cpu_wish(PLACE, models="models", bucket="shared-models")
    world = PlanWorld(ours=False)
    world.bucket = replace(safe_bucket("shared-models", "us-central1"), versioned=True)
    plan = world.plan(wish)
    assert plan.refusals == ()
    assert step(plan, Subject.BUCKET).effect is Effect.NOTHING
    assert step(plan, Subject.READING).acts


def test_only_a_build_here_needs_docker_to_be_let_in() -> None:
    here, there = (unseen(WISHES[each]) for each in ("cpu", "cloud build"))
    assert "gcloud auth configure-docker us-central1-docker.pkg.dev" in (
        step(here, Subject.REPOSITORY).commands
    )
    assert len(step(there, Subject.REPOSITORY).commands) == 1


def test_where_a_new_service_will_answer_is_known_by_the_projects_number() -> None:
    (asked,) = step(PlanWorld().plan(CPU), Subject.HEALTH).commands
    assert "https://z-image-123456789.us-central1.run.app/readyz" in asked


def test_the_guides_commands_are_its_own() -> None:
    plan = unseen(WISHES["guide gpu"])
    assert step(plan, Subject.SERVICE).commands == (guide_deploy(PLACE, Variant.GPU),)
    assert plan.confirmation is Confirmation.PUBLIC
    assert plan.service is not None
    assert plan.service.labels == ()


def test_costs_are_those_of_all_instances_all_day() -> None:
    one, two = (PlanWorld().plan(gpu_wish(PLACE, max_instances=most)) for most in (1, 2))
    assert one.worst_day is not None
    assert two.worst_day is not None
    assert one.worst_day.known is not None
    assert two.worst_day.known is not None
    assert 25 < one.worst_day.known.likely < 26
    assert 50 < two.worst_day.known.likely < 51
    assert one.idle_day is not None
    assert one.idle_day.complete
    assert one.idle_day.short() == "$0.02"


def test_planning_changes_nothing_of_what_it_is_given() -> None:
    world = PlanWorld()
    before = copy.deepcopy(world)
    world.plan(CPU)
    assert world == before


def test_an_old_price_list_is_said_to_be_old() -> None:
    old = TODAY.replace(year=TODAY.year + 1)
    notes = plan_deployment(CPU, Observed(), PRICES, old).notes
    assert any("418 days old" in each for each in notes)
