"""Makes the account that the service runs as, and lets it read the model."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.defaults import ACCOUNT_TITLE
from console.model.deploy.progress import StepState
from console.session.deploy.work import Work


async def make_account(work: Work) -> StepState:
    """Make the account unless there is one; raises `SourceError`."""
    project, name = work.place.project, work.wish.account
    if await work.deploying.accounts.account(project, name):
        return StepState.SKIPPED
    work.say(tr("making it"))
    await work.deploying.accounts.make(project, name, ACCOUNT_TITLE)
    return StepState.DONE


async def let_read(work: Work) -> StepState:
    """Let the account read the objects of the bucket; raises `SourceError`."""
    member, bucket = f"serviceAccount:{work.wish.account_email}", work.wish.bucket
    if member in await work.deploying.accounts.readers(bucket):
        return StepState.SKIPPED
    work.say(tr("letting it read"))
    await work.deploying.accounts.let_read(bucket, member)
    return StepState.DONE
