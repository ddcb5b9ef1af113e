"""The one right of the service's account: to read the objects of the bucket."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.commands import forbid_reading, let_read
from console.model.deploy.scene import Scene, assumed
from console.model.deploy.step import Effect, Step, Subject


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
            title=tr("{account} may read {bucket}", account=scene.wish.account, bucket=bucket),
            target=scene.wish.bucket,
        )
    return Step(
        subject=Subject.READING,
        effect=Effect.CREATE,
        title=tr(
            "let {account} read {bucket}, and nothing else",
            account=scene.wish.account,
            bucket=bucket,
        ),
        target=scene.wish.bucket,
        commands=(let_read(scene.wish.bucket, email),),
        undo=(forbid_reading(scene.wish.bucket, email),),
        assumed=assumed(scene.observed.bucket, tr("that it may not yet")),
    )
