"""The bucket that the model is kept in, made or given safe settings."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.scene import Scene, assumed
from console.model.deploy.step import Change, Effect, Step, Subject
from console.model.models.bucket_plan import BucketPlan, Difference, plan_changes, plan_creation
from console.model.models.bucket_settings import SafeSettings, Setting


def bucket_plan(scene: Scene) -> BucketPlan:
    """Return what is to be done to the bucket, setting by setting."""
    wanted = SafeSettings(region=scene.region, reader=scene.region)
    size = scene.model_bytes
    if scene.bucket is None:
        return plan_creation(scene.wish.bucket, scene.project, wanted, scene.prices, size)
    return plan_changes(scene.bucket.settings, scene.project, wanted, scene.prices, size)


def bucket_step(scene: Scene) -> Step:
    """Return the step that makes the bucket, or makes it safe."""
    plan = bucket_plan(scene)
    if plan.observed is None:
        return _creation(scene, plan)
    name = f"gs://{plan.name}"
    if left := _left_alone(scene):
        return Step(
            subject=Subject.BUCKET,
            effect=Effect.NOTHING,
            title=tr("{name} is there, and stays as it is", name=name),
            target=plan.name,
            notes=(left,),
        )
    if not plan.changes:
        return Step(
            subject=Subject.BUCKET,
            effect=Effect.NOTHING,
            title=tr("{name} is there, with safe settings", name=name),
            target=plan.name,
            notes=plan.notes,
        )
    return Step(
        subject=Subject.BUCKET,
        effect=Effect.CHANGE,
        title=tr("make {count} of the settings of {name} safe", count=len(plan.changes), name=name),
        target=plan.name,
        changes=tuple(_change(each) for each in plan.changes),
        cost=tr("; ").join(_costs(plan.changes)),
        brief=_brief(plan.changes),
        commands=tuple(each.command.text for each in plan.changes if each.command),
        undo=tuple(each.undo.text for each in plan.changes if each.undo),
        notes=(*plan.notes, *(each.caution for each in plan.changes if each.caution)),
    )


def _left_alone(scene: Scene) -> str:
    """Say why the settings of a bucket that there is are not changed; empty if they may be."""
    if scene.bucket and scene.bucket.ours is False:
        return tr(
            "it is not in {project}, so that its settings are its owner's matter",
            project=scene.project,
        )
    return tr("the guide leaves its settings as they are") if scene.wish.as_in_guide else ""


def _creation(scene: Scene, plan: BucketPlan) -> Step:
    name = f"gs://{plan.name}"
    return Step(
        subject=Subject.BUCKET,
        effect=Effect.CREATE,
        title=tr("make {name} in {region}", name=name, region=scene.region),
        target=plan.name,
        changes=tuple(_change(each) for each in plan.differences),
        cost=tr("; ").join(_costs(plan.differences)),
        brief=_brief(plan.differences),
        commands=(plan.command.text,) if plan.command else (),
        undo=(plan.undo.text,) if plan.undo else (),
        notes=plan.notes,
        assumed=assumed(scene.observed.bucket, tr("that there is no {name} yet", name=name)),
    )


def _change(difference: Difference) -> Change:
    return Change(
        tr(str(difference.setting)), difference.observed, difference.wanted, difference.why
    )


def _costs(differences: tuple[Difference, ...]) -> tuple[str, ...]:
    words = {Setting.LOCATION: tr("storage"), Setting.SOFT_DELETE: tr("soft delete")}
    return tuple(
        tr(
            "{setting}: {cost}",
            setting=words.get(each.setting, tr(str(each.setting))),
            cost=each.cost.words,
        )
        for each in _priced(differences)
    )


def _brief(differences: tuple[Difference, ...]) -> str:
    """Return the first amount, without what it is an estimate of."""
    return next((each.cost.brief for each in _priced(differences)), "")


def _priced(differences: tuple[Difference, ...]) -> tuple[Difference, ...]:
    return tuple(each for each in differences if each.cost.brief)
