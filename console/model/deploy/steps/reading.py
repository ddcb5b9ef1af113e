"""The one right of the service's account: to read the objects of the bucket."""

from __future__ import annotations

from typing import Final

from console.model.deploy.scene import Scene, assumed
from console.model.deploy.step import Effect, Step, Subject
from console.model.doctor.answers import command

READER: Final = "roles/storage.objectViewer"


def reading_step(scene: Scene) -> Step | None:
    """Return the step that lets the account read, None where the default account is wanted."""
    email = scene.wish.account_email
    if not email:
        return None
    member, bucket = f"serviceAccount:{email}", f"gs://{scene.wish.bucket}"
    if scene.bucket and member in scene.bucket.readers:
        return Step(
            subject=Subject.READING,
            effect=Effect.NOTHING,
            title=f"{scene.wish.account} may read {bucket}",
            target=scene.wish.bucket,
        )
    words = ("gcloud", "storage", "buckets")
    grant = (bucket, f"--member={member}", f"--role={READER}")
    return Step(
        subject=Subject.READING,
        effect=Effect.CREATE,
        title=f"let {scene.wish.account} read {bucket}, and nothing else",
        target=scene.wish.bucket,
        commands=(command(*words, "add-iam-policy-binding", *grant),),
        undo=(command(*words, "remove-iam-policy-binding", *grant),),
        assumed=assumed(scene.observed.bucket, "that it may not yet"),
    )
