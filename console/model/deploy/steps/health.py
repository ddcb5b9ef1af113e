"""Whether the service makes pictures in the end."""

from __future__ import annotations

from console.model.deploy.plan_costs import cost_words, one_start
from console.model.deploy.scene import Scene
from console.model.deploy.step import Effect, Step, Subject
from console.model.doctor.answers import command


def health_step(scene: Scene) -> Step:
    """Return the step that asks the service until it is ready."""
    place = scene.wish.place
    where = (f"--region={place.region}", f"--project={place.project}")
    return Step(
        subject=Subject.HEALTH,
        effect=Effect.CHECK,
        title=f"ask {place.service} at /readyz until it is ready",
        target=str(place),
        commands=(command("gcloud", "run", "services", "describe", place.service, *where),),
        cost=cost_words(one_start(scene), "{} if an instance has to start for it"),
    )
