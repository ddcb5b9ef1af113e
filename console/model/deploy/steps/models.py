"""The files of the model, sent to the bucket and held to their checksums."""

from __future__ import annotations

import shlex

from console.language import tr, tr_many
from console.model.deploy.plan_costs import brief_words, cost_words, sending
from console.model.deploy.scene import Scene, assumed
from console.model.deploy.step import Change, Effect, Step, Subject
from console.model.models.push_plan import PlannedFile, PushPlan, Standing
from console.model.storage import size_text
from console.model.text import SafeText


def models_step(scene: Scene) -> Step:
    """Return the step that sends what is missing."""
    bucket = f"gs://{scene.wish.bucket}"
    directory = scene.wish.models
    push = scene.models.push if scene.models else None
    if directory is None:
        return Step(
            subject=Subject.MODELS,
            effect=Effect.NOTHING,
            title=_kept(scene, bucket),
            target=scene.wish.bucket,
            assumed=assumed(
                scene.observed.models, tr("that a whole model is in {bucket}", bucket=bucket)
            ),
        )
    if push is not None and not push.missing:
        return Step(
            subject=Subject.MODELS,
            effect=Effect.NOTHING,
            title=tr("the model is in {bucket}, {size}", bucket=bucket, size=size_text(push.size)),
            target=scene.wish.bucket,
        )
    words = _sending(push, directory, bucket)
    return Step(
        subject=Subject.MODELS,
        effect=Effect.CHANGE if push and push.replaced else Effect.CREATE,
        title=words,
        target=scene.wish.bucket,
        changes=tuple(_change(each) for each in push.sent) if push else (),
        cost=cost_words(sending(scene, push), tr("{cost} once for the requests of sending")),
        brief=brief_words(sending(scene, push), tr("{cost} once")),
        commands=(_push(directory, scene.wish.bucket),),
        undo=_undo(push, bucket),
        notes=_notes(scene, push),
        assumed=_taken_for_granted(scene, push),
        loses=tuple(
            tr("{name} as it is in {bucket}", name=each.file.name, bucket=bucket)
            for each in _replaced(push)
        ),
    )


def _kept(scene: Scene, bucket: str) -> str:
    if scene.models is None:
        return tr(
            "a whole model is taken to be in {bucket}; --models DIR has one sent there",
            bucket=bucket,
        )
    size = sum(scene.models.sizes.values())
    if not size:
        return tr("leave the model in {bucket} as it is", bucket=bucket)
    return tr("leave the model in {bucket} as it is, {size}", bucket=bucket, size=size_text(size))


def _push(directory: str, bucket: str) -> str:
    return shlex.join(["zimage-console", "models", "push", directory, "--bucket", bucket])


def _sending(push: PushPlan | None, directory: str, bucket: str) -> str:
    if push is None:
        return tr("send the model from {directory} to {bucket}", directory=directory, bucket=bucket)
    return tr_many(
        "send {count} file, {size}, from {directory} to {bucket}",
        "send {count} files, {size}, from {directory} to {bucket}",
        len(push.sent),
        size=size_text(push.missing),
        directory=directory,
        bucket=bucket,
    )


def _change(planned: PlannedFile) -> Change:
    there = size_text(planned.stored.size) if planned.stored else "–"
    why = tr("it differs") if planned.standing is Standing.DIFFERENT else ""
    return Change(planned.file.name, there, size_text(planned.size), why)


def _replaced(push: PushPlan | None) -> tuple[PlannedFile, ...]:
    return push.replaced if push else ()


def _notes(scene: Scene, push: PushPlan | None) -> tuple[str, ...]:
    notes = [tr("each file is held to its checksum once it has arrived; broken off, it goes on")]
    if push is None:
        notes.append(
            tr("which files are sent is not known yet, nor how they would be removed again")
        )
    if replaced := _replaced(push):
        kept = scene.bucket.settings.soft_delete if scene.bucket else None
        names = tr(" and ").join(each.file.name for each in replaced)
        notes.append(
            tr(
                "what is replaced of {names} can be restored while soft delete keeps it",
                names=names,
            )
            if kept
            else tr("what is replaced of {names} cannot be had back", names=names)
        )
    return tuple(notes)


def _taken_for_granted(scene: Scene, push: PushPlan | None) -> SafeText:
    """Where nobody could look into the bucket, it is taken to be empty."""
    seen = scene.observed.models if push is None else scene.observed.bucket
    bucket = f"gs://{scene.wish.bucket}"
    return assumed(seen, tr("that {bucket} is empty", bucket=bucket))


def _undo(push: PushPlan | None, bucket: str) -> tuple[str, ...]:
    new = [each for each in push.sent if each.standing is Standing.NEW] if push else []
    if not new:
        return ()
    return (
        shlex.join(["gcloud", "storage", "rm", *(f"{bucket}/{each.file.name}" for each in new)]),
    )
