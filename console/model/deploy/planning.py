"""A deployment planned: the steps from what there is to what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from console.language import tr
from console.model.cost.prices import PriceList
from console.model.deploy.guide_commands import guide_steps
from console.model.deploy.observed import Observed
from console.model.deploy.plan_costs import idle_day, instance_day, price_list_age, worst_day
from console.model.deploy.refusals.all import refusals
from console.model.deploy.refusals.permissions import permission_notes
from console.model.deploy.refusals.project import deployment_blocks
from console.model.deploy.scene import Scene
from console.model.deploy.step import Confirmation, Effect, Plan, Step, Subject
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
from console.model.deploy.steps.service import is_ours, service_step
from console.model.deploy.steps.traffic import TO_NEWEST, traffic_step
from console.model.deploy.wish import DeployWish
from console.model.doctor.quotas import GPU_REGIONS

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
    traffic_step,
    health_step,
)


def plan_deployment(wish: DeployWish, observed: Observed, prices: PriceList, today: date) -> Plan:
    """Return the steps that make of what there is what is wanted.

    With what nobody could look at it is a whole plan all the same, in which each step says what it
    takes for granted. `today` tells how old the prices are.
    """
    scene = Scene(wish, observed, prices)
    built = (build(scene) for build in _BUILDERS)
    steps = tuple(_as_in_guide(scene, each) for each in built if each is not None)
    sent = any(each.subject is Subject.TRAFFIC and each.acts for each in steps)
    return Plan(
        title=tr(
            "deploy {service} to {region} of {project}",
            service=wish.place.service,
            region=wish.place.region,
            project=wish.place.project,
        ),
        wish=wish,
        steps=steps,
        refusals=refusals(scene, steps),
        blocked=deployment_blocks(scene),
        notes=(
            *_notes(scene, today),
            *permission_notes(scene.project, observed, steps, wish.image.way),
        ),
        service=scene.settings,
        observed=observed,
        worst_day=worst_day(scene),
        idle_day=idle_day(scene),
        prices_of=prices.date,
        confirmation=_confirmation(scene, steps),
        at=wish.place,
        traffic=TO_NEWEST if sent else (),
        instances=scene.settings.manual_instances,
    )


def _as_in_guide(scene: Scene, step: Step) -> Step:
    """Return a step with the guide's own commands, if it is the guide that is followed."""
    wish = scene.wish
    if not wish.as_in_guide or not step.acts:
        return step
    own = guide_steps(wish.place, wish.variant, wish.image.way, wish.bucket)
    commands = {each.subject: each.commands for each in own}
    if step.subject not in commands:
        return step
    safe = (tr("made from here it has safe settings all the same; the guide's command sets none"),)
    notes = safe if step.subject is Subject.BUCKET else ()
    return replace(step, commands=commands[step.subject], notes=(*step.notes, *notes))


def _confirmation(scene: Scene, steps: tuple[Step, ...]) -> Confirmation:
    """A service that becomes public, or that somebody else made, is not changed by one key."""
    if scene.public:
        return Confirmation.PUBLIC
    changed = any(
        each.subject is Subject.SERVICE and each.effect is Effect.CHANGE for each in steps
    )
    foreign = scene.service is not None and not is_ours(scene.service)
    return Confirmation.NAME if changed and foreign else Confirmation.KEY


def _notes(scene: Scene, today: date) -> Iterator[str]:
    settings = scene.settings
    if scene.public:
        most = worst_day(scene)
        yield (
            tr(
                "everybody may call, and each picture is paid for: {most} a day at most",
                most=most.text(),
            )
            if (most.complete or settings.max_instances is not None)
            else tr(
                "everybody may call: each instance costs {cost} a day",
                cost=instance_day(scene).text(),
            )
        )
    if settings.max_instances is None and settings.manual_instances is None:
        yield (
            tr(
                "no limit of instances is set: Cloud Run starts as many as its own limit and "
                "the quotas allow, each for {cost} a day",
                cost=instance_day(scene).text(),
            )
        )
    known = scene.prices.regions.get(scene.region)
    if settings.gpu and known and settings.gpu in known.by_invitation:
        others = [each for each in GPU_REGIONS[settings.gpu] if each != scene.region]
        yield (
            tr(
                "{gpu} in {region} is by Google's invitation; else choose {regions}",
                gpu=settings.gpu,
                region=scene.region,
                regions=", ".join(others),
            )
        )
    if age := price_list_age(scene.prices, (today - scene.prices.date).days):
        yield age
