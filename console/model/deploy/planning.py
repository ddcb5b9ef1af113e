"""A deployment planned: the steps from what there is to what is wanted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from console.model.cost.prices import PriceList
from console.model.deploy.observed import Observed
from console.model.deploy.scene import Scene
from console.model.deploy.step import Confirmation, Plan, Step
from console.model.deploy.steps.access import access_step
from console.model.deploy.steps.account import account_step
from console.model.deploy.steps.apis import apis_step
from console.model.deploy.steps.bucket import bucket_step
from console.model.deploy.steps.health import health_step
from console.model.deploy.steps.image import image_step
from console.model.deploy.steps.models import models_step
from console.model.deploy.steps.quota import quota_step
from console.model.deploy.steps.reading import reading_step
from console.model.deploy.steps.repository import repository_step
from console.model.deploy.steps.service import service_step
from console.model.deploy.wish import DeployWish

_BUILDERS: Final[tuple[Callable[[Scene], Step | None], ...]] = (
    apis_step,
    quota_step,
    bucket_step,
    models_step,
    repository_step,
    image_step,
    account_step,
    reading_step,
    service_step,
    access_step,
    health_step,
)


def plan_deployment(wish: DeployWish, observed: Observed, prices: PriceList, today: date) -> Plan:
    """Return the steps that make of what there is what is wanted."""
    scene = Scene(wish, observed, prices)
    steps = (build(scene) for build in _BUILDERS)
    return Plan(
        title=f"deploy {wish.place.service} to {wish.place.region} of {wish.place.project}",
        wish=wish,
        steps=tuple(each for each in steps if each is not None),
        service=scene.settings,
        observed=observed,
        prices_of=prices.date,
        confirmation=Confirmation.PUBLIC if scene.public else Confirmation.KEY,
    )
