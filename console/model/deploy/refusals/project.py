"""What is wrong with the project, and what keeps any plan from being carried out from here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Final

from console.language import tr, tr_later
from console.model.deploy.observed import Observed, Unseen
from console.model.deploy.scene import Scene
from console.model.deploy.step import Refusal, Subject
from console.model.deploy.wish import ImageWay
from console.model.doctor.answers import command

_ABOUT: Final = {
    **dict.fromkeys(("source", "builder", "image"), Subject.IMAGE),
    **{each.value: each for each in Subject},
}
_DOCTOR: Final = tr_later(
    "zimage-console doctor says what is wrong with the login, the network or Docker"
)


def project_refusals(scene: Scene) -> Iterator[Refusal]:
    """Yield what keeps anything from being made in the project."""
    if scene.observed.billing is False:
        link = command("gcloud", "billing", "projects", "link", scene.project)
        yield Refusal(
            Subject.APIS,
            tr(
                "billing is off: nobody pays for {project}, and Cloud Run starts nothing there",
                project=scene.project,
            ),
            f"{link} --billing-account=ACCOUNT_ID",
        )


def blocks(observed: Observed, needed: Iterable[str]) -> tuple[Refusal, ...]:
    """Return what keeps a plan from being carried out from here, each reason once.

    `needed` are the fields of what was observed that the plan cannot do without.
    """
    found: dict[str, Refusal] = {}
    for name in needed:
        seen = getattr(observed, name)
        for one in seen.values() if isinstance(seen, Mapping) else (seen,):
            if isinstance(one, Unseen) and one.blocks:
                about = _ABOUT.get(name, Subject.APIS)
                found.setdefault(one.why, Refusal(about, one.why, tr(_DOCTOR)))
    return tuple(found.values())


def deployment_blocks(scene: Scene) -> tuple[Refusal, ...]:
    """Return what keeps a deployment from being carried out; Docker only where it has to build."""
    image = scene.wish.image.way
    spared = {"neighbours"}
    if not scene.builds or image is not ImageWay.DOCKER:
        spared.add("builder")
    if image is ImageWay.GIVEN:
        spared.add("source")
    names = (each.name for each in fields(scene.observed))
    return blocks(scene.observed, (each for each in names if each not in spared))
