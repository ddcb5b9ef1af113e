"""What somebody changed since a deployment, in lines that a person reads."""

from __future__ import annotations

from deploy_plan_scenes import drifted, fresh, nothing

from console.model.deploy.drift import drift_lines
from console.model.deploy.scene import TO_BE_BUILT
from console.model.deploy.step import Change, Effect, Plan, Step, Subject
from console.model.text import SafeText


def plan(*steps: Step) -> Plan:
    return Plan(title="deploy", wish=None, steps=steps)


def test_a_setting_says_what_it_is_and_what_it_was() -> None:
    assert drift_lines(drifted()) == (
        "timeout: is 300 s, was 900 s",
        "most instances: is 5, was 1",
    )


def test_what_is_as_it_was_is_no_change() -> None:
    assert drift_lines(nothing()) == ()


def test_what_is_gone_is_one_change_however_many_settings_it_had() -> None:
    service = next(each for each in fresh().steps if each.subject is Subject.SERVICE)
    assert drift_lines(plan(service)) == ("service: not there any more, or not as it was",)


def test_what_nobody_could_look_at_is_no_change() -> None:
    unseen = Step(
        subject=Subject.BUCKET, effect=Effect.CREATE, title="make it", assumed=SafeText("none")
    )
    assert drift_lines(plan(unseen)) == ()


def test_another_source_is_told_once_and_not_as_an_image_of_the_service() -> None:
    build = Step(subject=Subject.IMAGE, effect=Effect.CREATE, title="build it")
    service = Step(
        subject=Subject.SERVICE,
        effect=Effect.CHANGE,
        title="change it",
        changes=(
            Change("image", "z@sha256:1", TO_BE_BUILT, open=True),
            Change("label a", "–", "b"),
        ),
    )
    assert drift_lines(plan(build, service)) == (
        "image: it was built from another source than is here now, or is gone",
        "label a: is not there, was b",
    )
