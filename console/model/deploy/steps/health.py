"""Whether the service makes pictures in the end."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.plan_costs import brief_words, cost_words, one_start
from console.model.deploy.scene import Scene
from console.model.deploy.service_commands import ask_whether_ready
from console.model.deploy.step import Effect, Step, Subject


def health_step(scene: Scene) -> Step:
    """Return the step that asks the service until it is ready."""
    place = scene.wish.place
    return Step(
        subject=Subject.HEALTH,
        effect=Effect.CHECK,
        title=tr("ask {service} at /readyz until it is ready", service=place.service),
        target=str(place),
        cost=cost_words(one_start(scene), tr("{cost} if an instance has to start for it")),
        brief=brief_words(one_start(scene)),
        commands=(ask_whether_ready(service_url(scene)),),
    )


def service_url(scene: Scene) -> str:
    """Return where the service answers; the number of the project may be a word in its place.

    Source: https://cloud.google.com/run/docs/triggering/https-request.
    """
    if scene.service and scene.service.facts.url:
        return scene.service.facts.url
    number = scene.observed.project_number
    known = number if isinstance(number, str) else "PROJECT_NUMBER"
    return f"https://{scene.wish.place.service}-{known}.{scene.region}.run.app"
