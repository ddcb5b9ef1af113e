"""Makes the bucket of the model, or its settings safe."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.progress import StepState
from console.model.models.bucket_settings import SafeSettings
from console.session.deploy.work import Work
from console.session.transfer.bucket_setup import BucketSetup, Sought


async def set_up_bucket(work: Work) -> StepState:
    """Make the bucket, or change what is wrong with it; raises `SourceError`."""
    google, place = work.world.google, work.place
    sought = Sought(
        name=work.wish.bucket,
        project=place.project,
        wanted=SafeSettings(region=place.region, reader=place.region),
        create=True,
    )
    setup = BucketSetup(google.uploads.maker(), google.storage, sought, work.world.here.prices)
    plan = await setup.look()
    if not plan.to_do:
        return StepState.SKIPPED
    work.say(tr("making it") if plan.observed is None else tr("changing its settings"))
    await setup.carry_out(plan)
    return StepState.DONE
