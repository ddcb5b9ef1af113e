"""Settings that Cloud Run does not take together, told before it refuses them."""

from __future__ import annotations

from collections.abc import Iterator

from console.model.deploy.scene import Scene
from console.model.deploy.shape_check import shape_problem
from console.model.deploy.step import Refusal, Subject


def shape_refusals(scene: Scene) -> Iterator[Refusal]:
    """Yield what Cloud Run would not take of the settings."""
    if problem := shape_problem(scene.settings):
        yield Refusal(Subject.SERVICE, problem.words, problem.mend)
