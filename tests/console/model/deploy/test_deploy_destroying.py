"""A deployment removed: what goes, what stays and why, and what is never touched."""

import shlex
from dataclasses import replace

from plan_world import PRICES, PlanWorld, safe_bucket

from console.model.deploy.defaults import cpu_wish, guide_wish
from console.model.deploy.destroying import plan_destroy
from console.model.deploy.observed import NOT_LOOKED, Neighbours, Observed
from console.model.deploy.step import Confirmation, Effect, Plan, Subject
from console.model.deploy.wish import DeployWish, ImageWay, Variant
from console.model.service import ServiceName

PLACE = ServiceName("art-shop", "us-central1", "z-image")
CPU = cpu_wish(PLACE, models="models")
WITHOUT_DIRECTORY = replace(CPU, models=None)


def removal(world: PlanWorld, wish: DeployWish = WITHOUT_DIRECTORY, **options: bool) -> Plan:
    return plan_destroy(wish, world.look(wish), PRICES, **options)


def test_what_the_console_made_goes_but_for_the_bucket() -> None:
    world = PlanWorld().deployed(CPU)
    plan = removal(world)
    assert [each.subject for each in plan.acting] == [
        Subject.SERVICE,
        Subject.READING,
        Subject.ACCOUNT,
        Subject.REPOSITORY,
    ]
    assert plan.confirmation is Confirmation.NAME
    assert all(each.effect is Effect.DELETE for each in plan.acting)
    world.carry_out(plan)
    assert (world.service, world.accounts, world.repositories) == (None, frozenset(), frozenset())
    assert world.objects
    assert removal(world).acting == ()


def test_the_bucket_stays_with_its_size_its_price_and_the_command_that_removes_it() -> None:
    (bucket,) = (each for each in removal(PlanWorld().deployed(CPU)).stays if "gs://" in each)
    assert bucket.startswith("gs://art-shop-z-image-models with 7.8 GB, about $0.15 a month: ")
    assert "gcloud storage rm --recursive --all-versions gs://art-shop-z-image-models" in bucket
    assert "--with-bucket" in bucket


def test_with_the_bucket_nothing_is_left() -> None:
    world = PlanWorld().deployed(CPU)
    plan = removal(world, with_bucket=True)
    step = plan.acting[-1]
    assert step.subject is Subject.BUCKET
    assert "the model, 7.8 GB, and whatever else is in gs://art-shop-z-image-models" in step.loses
    assert any("soft delete keeps its objects for 7 more days" in each for each in step.notes)
    world.carry_out(plan)
    empty = PlanWorld(apis=world.apis)
    assert world == empty
    assert removal(world, with_bucket=True).acting == ()


def test_what_another_service_uses_stays() -> None:
    other = frozenset({"z-image-gpu"})
    world = PlanWorld(neighbours=Neighbours(account=other, bucket=other)).deployed(CPU)
    plan = removal(world)
    assert [each.subject for each in plan.acting] == [Subject.SERVICE, Subject.REPOSITORY]
    assert any(
        "zimage-runtime" in each and "which z-image-gpu uses too" in each for each in plan.stays
    )
    (refusal,) = removal(world, with_bucket=True).refusals
    assert refusal.words.startswith("z-image-gpu would not start any more")


def test_where_nobody_could_look_for_other_services_the_account_stays() -> None:
    world = PlanWorld().deployed(CPU)
    seen = replace(world.look(CPU), neighbours=NOT_LOOKED)
    plan = plan_destroy(CPU, seen, PRICES)
    assert Subject.ACCOUNT not in {each.subject for each in plan.acting}
    assert any("nobody could look whether other services" in each for each in plan.stays)


def test_a_bucket_of_another_project_is_never_removed() -> None:
    world = PlanWorld().deployed(CPU)
    world.ours = False
    (refusal,) = removal(world, with_bucket=True).refusals
    assert "is not in art-shop" in refusal.words


def test_a_bucket_that_keeps_nothing_says_nothing_of_it() -> None:
    world = PlanWorld().deployed(CPU)
    bucket = safe_bucket("art-shop-z-image-models", "us-central1")
    world.bucket = replace(
        bucket, soft_delete=bucket.soft_delete * 0 if bucket.soft_delete else None
    )
    assert removal(world, with_bucket=True).acting[-1].notes == ()


def test_what_the_guide_made_is_named_but_its_repository_is_not_taken() -> None:
    wish = guide_wish(PLACE, Variant.CPU, models="models")
    plan = removal(PlanWorld().deployed(wish), wish)
    assert [each.subject for each in plan.acting] == [Subject.SERVICE]
    assert any("the console did not make this service" in each for each in plan.acting[0].notes)
    assert any("z-image-repo" in each and "did not make it" in each for each in plan.stays)


def test_a_given_image_stays() -> None:
    name = "us-central1-docker.pkg.dev/art-shop/other/pictures:1"
    wish = cpu_wish(PLACE, given=name)
    plan = plan_destroy(wish, PlanWorld().look(wish), PRICES)
    assert any(each.startswith(f"the image {name}") for each in plan.stays)


def test_archives_of_cloud_build_are_told_of() -> None:
    wish = cpu_wish(PLACE, way=ImageWay.CLOUD_BUILD)
    assert any("gs://art-shop-z-image-builds" in each for each in removal(PlanWorld(), wish).stays)


def test_where_nobody_could_look_each_step_says_what_it_assumes() -> None:
    plan = plan_destroy(CPU, Observed(), PRICES, with_bucket=True)
    assert plan.acting
    assert all("that it is there" in each.assumed for each in plan.acting)


def test_nothing_can_be_undone_and_everything_has_its_command() -> None:
    plan = removal(PlanWorld().deployed(CPU), with_bucket=True)
    assert all(not each.undo for each in plan.acting)
    assert any("can be undone" in each for each in plan.notes)
    for each in plan.acting:
        assert shlex.split(each.commands[0])[0] == "gcloud"


def test_removing_takes_other_rights_than_making() -> None:
    world = PlanWorld().deployed(CPU)
    world.lacking = frozenset({"run.services.delete", "run.services.create"})
    assert removal(world).refusals == ()
    assert any("lacks run.services.delete in" in each for each in removal(world).notes)
