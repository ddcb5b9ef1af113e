"""Whether the service makes pictures in the end."""

from __future__ import annotations

from console.model.deploy.scene import Scene
from console.model.deploy.step import Effect, Step, Subject


def health_step(scene: Scene) -> Step:
    """Return the step that asks the service until it is ready."""
    place = scene.wish.place
    return Step(
        subject=Subject.HEALTH,
        effect=Effect.CHECK,
        title=f"ask {place.service} at /readyz until it is ready",
        target=str(place),
    )
