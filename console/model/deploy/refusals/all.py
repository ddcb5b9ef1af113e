"""All reasons that speak against a plan, in the order of their subjects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from console.model.deploy.refusals.bucket import bucket_refusals, model_refusals
from console.model.deploy.refusals.exposure import exposure_refusals
from console.model.deploy.refusals.image import image_refusals
from console.model.deploy.refusals.names import name_refusals
from console.model.deploy.refusals.permissions import permission_refusals
from console.model.deploy.refusals.project import project_refusals
from console.model.deploy.refusals.quota import quota_refusals
from console.model.deploy.refusals.shape import shape_refusals
from console.model.deploy.scene import Scene
from console.model.deploy.step import Refusal, Step, Subject

_FINDERS: Final[tuple[Callable[[Scene], Iterator[Refusal]], ...]] = (
    project_refusals,
    quota_refusals,
    name_refusals,
    bucket_refusals,
    model_refusals,
    image_refusals,
    shape_refusals,
    exposure_refusals,
)


def refusals(scene: Scene, steps: Iterable[Step]) -> tuple[Refusal, ...]:
    """Return why nothing of a deployment is carried out; empty if nothing speaks against it."""
    found = [each for finder in _FINDERS for each in finder(scene)]
    found += permission_refusals(scene.project, scene.observed, steps, scene.wish.image.way)
    order = list(Subject)
    return tuple(sorted(found, key=lambda each: order.index(each.about)))
