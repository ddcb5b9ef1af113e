"""What is wrong with the project, and what keeps any plan from being carried out from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from console.model.deploy.observed import Observed, Unseen
from console.model.deploy.scene import Scene
from console.model.deploy.step import Refusal, Subject
from console.model.doctor.answers import command

_ABOUT: Final = {
    **dict.fromkeys(("source", "builder", "image"), Subject.IMAGE),
    **{each.value: each for each in Subject},
}
_DOCTOR: Final = "zimage-console doctor says what is wrong with the login, the network or Docker"


def project_refusals(scene: Scene) -> Iterator[Refusal]:
    """Yield what keeps anything from being made in the project."""
    if scene.observed.billing is False:
        link = command("gcloud", "billing", "projects", "link", scene.project)
        yield Refusal(
            Subject.APIS,
            f"billing is off: nobody pays for {scene.project}, and Cloud Run starts nothing there",
            f"{link} --billing-account=ACCOUNT_ID",
        )


def blocks(observed: Observed) -> tuple[Refusal, ...]:
    """Return what keeps any plan from being carried out from here, each reason once."""
    found: dict[str, Refusal] = {}
    for each in fields(observed):
        seen = getattr(observed, each.name)
        about = _ABOUT.get(each.name, Subject.APIS)
        for one in seen.values() if isinstance(seen, Mapping) else (seen,):
            if isinstance(one, Unseen) and one.blocks:
                found.setdefault(one.why, Refusal(about, one.why, _DOCTOR))
    return tuple(found.values())
