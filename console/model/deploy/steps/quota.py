"""Whether the project may have what the service asks for; nothing is changed by looking."""

from __future__ import annotations

from decimal import Decimal

from console.language import tr
from console.model.cost.compute_cost import quantity
from console.model.deploy.observed import NOTHING, Unseen
from console.model.deploy.scene import Scene
from console.model.deploy.step import Effect, Step, Subject
from console.model.doctor.answers import command
from console.model.doctor.quotas import Wanted
from console.model.text import SafeText


def wanted_shape(scene: Scene) -> Wanted:
    """Return how much of the quotas the service takes with all its instances."""
    settings = scene.settings
    return Wanted(
        cpu=quantity(settings.cpu) or Decimal(0),
        memory=int(quantity(settings.memory) or 0),
        gpu=settings.gpu,
        zonal_redundancy=bool(settings.gpu and settings.gpu_zonal_redundancy is not False),
        instances=settings.manual_instances or settings.max_instances or 1,
    )


def quota_step(scene: Scene) -> Step:
    """Return the step that looks at the quotas."""
    shape = wanted_shape(scene)
    unseen = [
        quota
        for quota in shape.needs
        if isinstance(scene.observed.quotas.get(quota, Unseen(NOTHING)), Unseen)
    ]
    return Step(
        subject=Subject.QUOTA,
        effect=Effect.CHECK,
        title=tr("see that {region} allows {shape}", region=scene.region, shape=shape.words),
        target=scene.region,
        commands=tuple(
            command(
                *("gcloud", "beta", "quotas", "info", "describe", quota),
                *("--service=run.googleapis.com", f"--project={scene.project}"),
            )
            for quota in shape.needs
        ),
        assumed=SafeText(tr("that there is enough of {quotas}", quotas=tr(" and ").join(unseen)))
        if unseen
        else NOTHING,
    )
