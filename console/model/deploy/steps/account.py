"""The account that the service runs as."""

from __future__ import annotations

from console.model.deploy.defaults import ACCOUNT_TITLE
from console.model.deploy.scene import Scene, assumed, is_absent
from console.model.deploy.step import Effect, Step, Subject
from console.model.doctor.answers import command


def account_step(scene: Scene) -> Step | None:
    """Return the step that makes the account, None where the default one is wanted."""
    email = scene.wish.account_email
    if not email:
        return None
    if not is_absent(scene.observed.account):
        return Step(
            subject=Subject.ACCOUNT,
            effect=Effect.NOTHING,
            title=f"the account {scene.wish.account} is there",
            target=email,
        )
    beginning = ("gcloud", "iam", "service-accounts")
    project = f"--project={scene.project}"
    named = f"--display-name={ACCOUNT_TITLE}"
    return Step(
        subject=Subject.ACCOUNT,
        effect=Effect.CREATE,
        title=f"make the account {scene.wish.account} that the service runs as",
        target=email,
        commands=(command(*beginning, "create", scene.wish.account, named, project),),
        undo=(command(*beginning, "delete", email, project),),
        notes=("it may do nothing but what the next step lets it",),
        assumed=assumed(scene.observed.account, "that there is no such account yet"),
    )
