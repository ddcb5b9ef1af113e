"""Requests sent to other revisions, and instances held by hand, each as a plan."""

import shlex
from dataclasses import replace

import pytest
from plan_world import PRICES, PlanWorld, revision

from console.model.deploy.defaults import cpu_wish, gpu_wish
from console.model.deploy.moving import plan_rollback, plan_scale, plan_traffic
from console.model.deploy.observed import ABSENT, Observed, Unseen
from console.model.deploy.step import Effect, Subject
from console.model.service import ConditionState, ServiceName, TrafficShare
from console.model.text import SafeText

PLACE = ServiceName("art-shop", "us-central1", "z-image")
CPU = cpu_wish(PLACE, models="models")
ONE, TWO, THREE = (revision(number) for number in (1, 2, 3))
FAILED = revision(4, ConditionState.FAILED)


def world(*revisions: object, traffic: tuple[TrafficShare, ...] = ()) -> PlanWorld:
    found = PlanWorld().deployed(CPU)
    found.revisions = revisions  # type: ignore[assignment]
    found.traffic = traffic or (TrafficShare(100),)
    return found


def all_to(name: SafeText) -> TrafficShare:
    return TrafficShare(100, name)


def test_a_rollback_goes_to_the_revision_that_served_before() -> None:
    there = world(THREE, TWO, ONE)
    plan = plan_rollback(PLACE, there.look(CPU))
    (step,) = plan.acting
    assert step.subject is Subject.TRAFFIC
    assert plan.traffic == (all_to(TWO.name),)
    assert step.changes[0].observed == "100 % to the newest revision"
    assert step.changes[0].wanted == f"100 % to {TWO.name}"
    assert shlex.split(step.undo[0])[-3] == "--to-latest"
    there.carry_out(plan)
    again = plan_rollback(PLACE, there.look(CPU))
    assert again.traffic == (all_to(ONE.name),)


def test_a_rollback_passes_over_what_failed() -> None:
    failed = revision(2, ConditionState.FAILED)
    plan = plan_rollback(PLACE, world(THREE, failed, ONE).look(CPU))
    assert plan.traffic == (all_to(ONE.name),)


def test_a_failed_newest_revision_never_served_and_the_plan_says_so() -> None:
    plan = plan_rollback(PLACE, world(FAILED, THREE, TWO).look(CPU))
    assert plan.traffic == (all_to(TWO.name),)
    assert any(f"{FAILED.name}, the newest revision, never" in each for each in plan.steps[0].notes)


def test_a_rollback_of_a_split_goes_to_the_older_share() -> None:
    split = (TrafficShare(10), TrafficShare(90, TWO.name))
    plan = plan_rollback(PLACE, world(THREE, TWO, ONE, traffic=split).look(CPU))
    assert plan.traffic == (all_to(TWO.name),)


@pytest.mark.parametrize(
    ("revisions", "name", "words", "mend"),
    [
        ((ONE,), "", "no revision of z-image before", "zimage-console deploy"),
        ((TWO, FAILED), "", "no revision of z-image before", "zimage-console deploy"),
        ((TWO, ONE), "other", "has no revision 'other'", f"one of {TWO.name}, {ONE.name}"),
        ((FAILED, ONE), FAILED.name, "never became ready: the container did not", ONE.name),
    ],
    ids=["the only one", "failed before", "no such revision", "failed"],
)
def test_a_rollback_to_nothing_good_is_refused(
    revisions: tuple[object, ...], name: str, words: str, mend: str
) -> None:
    plan = plan_rollback(PLACE, world(*revisions).look(CPU), name)
    (refusal,) = plan.refusals
    assert plan.acting == ()
    assert words in refusal.words
    assert mend in refusal.mend


def test_a_rollback_to_what_serves_already_changes_nothing() -> None:
    there = world(TWO, ONE, traffic=(all_to(ONE.name),))
    plan = plan_rollback(PLACE, there.look(CPU), ONE.name)
    assert plan.acting == ()
    assert plan.steps[0].effect is Effect.NOTHING


def test_requests_go_to_whatever_is_newest_again() -> None:
    there = world(TWO, ONE, traffic=(all_to(ONE.name),))
    plan = plan_rollback(PLACE, there.look(CPU), "LATEST")
    assert plan.traffic == (TrafficShare(100),)
    assert "--to-revisions=z-image-00001-abc=100" in plan.acting[0].undo[0]


def test_revisions_keep_their_tags() -> None:
    tagged = (
        TrafficShare(100, TWO.name),
        TrafficShare(0, THREE.name, SafeText("next")),
        TrafficShare(0, ONE.name, SafeText("old")),
    )
    plan = plan_rollback(PLACE, world(THREE, TWO, ONE, traffic=tagged).look(CPU))
    assert plan.traffic == (
        TrafficShare(100, ONE.name, SafeText("old")),
        TrafficShare(0, THREE.name, SafeText("next")),
    )
    assert "--set-tags=old=z-image-00001-abc,next=z-image-00003-abc" in plan.acting[0].commands[0]


def test_a_split_sends_so_many_percent_to_each() -> None:
    there = world(THREE, TWO, ONE)
    shares = (TrafficShare(90, TWO.name), TrafficShare(10, tag=SafeText("canary")))
    plan = plan_traffic(PLACE, there.look(CPU), shares)
    assert plan.traffic == shares
    words = shlex.split(plan.acting[0].commands[0])
    assert f"--to-revisions={TWO.name}=90,LATEST=10" in words
    assert "--set-tags=canary=LATEST" in words
    there.carry_out(plan)
    assert plan_traffic(PLACE, there.look(CPU), shares).acting == ()


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((TrafficShare(60, ONE.name), TrafficShare(60, TWO.name)), "60 + 60 percent"),
        ((TrafficShare(-20, ONE.name), TrafficShare(120, TWO.name)), "-20 + 120 percent"),
        ((), "shares of nothing percent"),
        ((TrafficShare(100, SafeText("other")),), "has no revision 'other'"),
        ((TrafficShare(100, FAILED.name),), "never became ready"),
        ((TrafficShare(100, ONE.name, SafeText("No Tag")),), "'No Tag' cannot be a tag"),
        ((TrafficShare(50, ONE.name), TrafficShare(50, ONE.name)), "is named twice"),
    ],
    ids=["more than all", "negative", "none", "unknown", "failed", "tag", "twice"],
)
def test_a_split_that_cannot_be_is_refused(shares: tuple[TrafficShare, ...], words: str) -> None:
    plan = plan_traffic(PLACE, world(FAILED, TWO, ONE).look(CPU), shares)
    assert words in plan.refusals[0].words
    assert plan.refusals[0].mend
    assert plan.acting == ()


def test_a_service_is_stopped_now_and_goes_on_later() -> None:
    there = world(ONE)
    stop = plan_scale(PLACE, there.look(CPU), 0, PRICES)
    (step,) = stop.acting
    assert (step.changes[0].observed, step.changes[0].wanted) == ("as many as needed", "0 by hand")
    assert step.loses
    assert stop.instances == 0
    assert stop.worst_day is not None
    assert stop.worst_day.text() == "$0.00"
    there.carry_out(stop)
    assert plan_scale(PLACE, there.look(CPU), 0, PRICES).acting == ()
    assert "nobody answers" in " ".join(
        plan_rollback(PLACE, there.look(CPU), "LATEST").steps[0].notes
    )
    there.carry_out(plan_scale(PLACE, there.look(CPU), None, PRICES))
    assert there.service is not None
    assert there.service.manual_instances is None


def test_instances_held_by_hand_say_what_a_day_costs() -> None:
    wish = gpu_wish(PLACE, models="models")
    plan = plan_scale(PLACE, PlanWorld().deployed(wish).look(wish), 2, PRICES)
    assert plan.acting[0].cost == "about $50.23 a day"
    assert plan.worst_day is not None
    assert plan.worst_day.text() == "about $50.23"
    assert "--scaling=2" in plan.acting[0].commands[0]


@pytest.mark.parametrize("instances", [-1, 1_001])
def test_there_are_no_such_instances(instances: int) -> None:
    plan = plan_scale(PLACE, world(ONE).look(CPU), instances, PRICES)
    assert plan.refusals[0].words == f"there are no {instances} instances"


def test_a_service_that_is_not_there_cannot_be_moved() -> None:
    nowhere = Observed(service=ABSENT)
    for plan in (
        plan_rollback(PLACE, nowhere),
        plan_traffic(PLACE, nowhere, (TrafficShare(100),)),
        plan_scale(PLACE, nowhere, 0, PRICES),
    ):
        assert plan.refusals[0].words == f"there is no service {PLACE}"
        assert plan.steps == ()


def test_a_service_that_nobody_could_look_at_is_not_moved_blindly() -> None:
    offline = Observed(
        service=Unseen(SafeText("there is no network"), blocks=True),
        builder=Unseen(SafeText("there is no Docker"), blocks=True),
    )
    plan = plan_rollback(PLACE, offline)
    assert [each.words for each in plan.hindrances] == ["there is no network"]
    stop = plan_scale(PLACE, offline, 0, PRICES)
    assert [each.words for each in stop.hindrances] == ["there is no network"]
    assert stop.acting[0].assumed == "that it is as many as needed now (there is no network)"
    denied = Observed(service=Unseen(SafeText("it may not be read")))
    assert plan_scale(PLACE, denied, 0, PRICES).refusals[0].words == "it may not be read"


def test_who_may_not_change_services_may_still_change_this_one() -> None:
    there = world(TWO, ONE)
    seen = replace(there.look(CPU), lacking=frozenset({"run.services.update"}))
    for plan in (plan_rollback(PLACE, seen), plan_scale(PLACE, seen, 0, PRICES)):
        assert plan.refusals == ()
        assert plan.notes[0].startswith("this login lacks run.services.update in art-shop as a")
