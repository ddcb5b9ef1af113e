"""The account that the service runs as."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.commands import create_account, delete_account
from console.model.deploy.defaults import ACCOUNT_TITLE
from console.model.deploy.scene import Scene, assumed, is_absent
from console.model.deploy.step import Effect, Step, Subject


def account_step(scene: Scene) -> Step | None:
    """Return the step that makes the account, None where the default one is wanted."""
    email = scene.wish.account_email
    if not email:
        return None
    if not is_absent(scene.observed.account):
        return Step(
            subject=Subject.ACCOUNT,
            effect=Effect.NOTHING,
            title=tr("the account {account} is there", account=scene.wish.account),
            target=email,
        )
    return Step(
        subject=Subject.ACCOUNT,
        effect=Effect.CREATE,
        title=tr("make the account {account} that the service runs as", account=scene.wish.account),
        target=email,
        commands=(create_account(scene.project, scene.wish.account, ACCOUNT_TITLE),),
        undo=(delete_account(scene.project, email),),
        notes=(tr("it may do nothing but what the next step lets it"),),
        assumed=assumed(scene.observed.account, tr("that there is no such account yet")),
    )
