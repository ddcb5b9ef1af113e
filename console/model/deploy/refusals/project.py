"""What is wrong with the project, or with what this login may do in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Final

from console.model.deploy.observed import Observed, Seen, Unseen
from console.model.deploy.scene import Scene
from console.model.deploy.step import Effect, Refusal, Step, Subject
from console.model.deploy.wish import ImageWay
from console.model.doctor.answers import Place, command, grant
from console.model.doctor.permissions import DEPLOYING, MAKING_A_BUCKET, smallest_roles

_ROLES: Final = {
    **DEPLOYING,
    **MAKING_A_BUCKET,
    "storage.buckets.update": "roles/storage.admin",
    "artifactregistry.repositories.delete": "roles/artifactregistry.admin",
    "iam.serviceAccounts.delete": "roles/iam.serviceAccountAdmin",
    "storage.buckets.delete": "roles/storage.admin",
}
_OBJECTS: Final = ("storage.objects.create", "storage.objects.list", "storage.objects.get")
_MAKING: Final[Mapping[Subject, tuple[str, ...]]] = {
    Subject.APIS: ("serviceusage.services.enable",),
    Subject.BUCKET: ("storage.buckets.create",),
    Subject.MODELS: _OBJECTS,
    Subject.REPOSITORY: ("artifactregistry.repositories.create",),
    Subject.ACCOUNT: ("iam.serviceAccounts.create",),
    Subject.READING: ("storage.buckets.setIamPolicy",),
    Subject.SERVICE: ("run.services.create", "iam.serviceAccounts.actAs"),
    Subject.ACCESS: ("run.services.setIamPolicy",),
}
_CHANGING: Final[Mapping[Subject, tuple[str, ...]]] = {
    **_MAKING,
    Subject.BUCKET: ("storage.buckets.update",),
    Subject.MODELS: (*_OBJECTS, "storage.objects.delete"),
    Subject.SERVICE: ("run.services.update", "iam.serviceAccounts.actAs"),
    Subject.TRAFFIC: ("run.services.update",),
    Subject.SCALE: ("run.services.update",),
}
_DELETING: Final[Mapping[Subject, tuple[str, ...]]] = {
    Subject.BUCKET: ("storage.buckets.delete",),
    Subject.MODELS: ("storage.objects.delete",),
    Subject.REPOSITORY: ("artifactregistry.repositories.delete",),
    Subject.ACCOUNT: ("iam.serviceAccounts.delete",),
    Subject.READING: ("storage.buckets.setIamPolicy",),
    Subject.SERVICE: ("run.services.delete",),
}
_BY_EFFECT: Final[Mapping[Effect, Mapping[Subject, tuple[str, ...]]]] = {
    Effect.CREATE: _MAKING,
    Effect.CHANGE: _CHANGING,
    Effect.DELETE: _DELETING,
}

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


def permission_refusals(
    project: str, lacking: Seen[frozenset[str]], steps: Iterable[Step], way: ImageWay | None = None
) -> Iterator[Refusal]:
    """Yield the permissions that steps take and the login lacks, by the step that comes first."""
    if not isinstance(lacking, frozenset):
        return
    told: set[str] = set()
    for step in steps:
        missing = [each for each in _needed(step, way) if each in lacking and each not in told]
        told.update(missing)
        if missing:
            grants = [
                grant(Place(project, "", ""), role).command
                for role in smallest_roles(_ROLES, missing)
            ]
            yield Refusal(
                step.subject,
                f"this login lacks {' and '.join(missing)} in {project}, which it takes to "
                f"{step.title}",
                " && ".join(grants),
            )


def needed_permissions() -> frozenset[str]:
    """Return all permissions that any plan asks after."""
    return frozenset(_ROLES)


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


def _needed(step: Step, way: ImageWay | None) -> tuple[str, ...]:
    if not step.acts:
        return ()
    if step.subject is Subject.IMAGE:
        if step.effect is Effect.DELETE:
            return ("artifactregistry.repositories.delete",)
        docker = way is not ImageWay.CLOUD_BUILD
        sent = "artifactregistry.repositories.uploadArtifacts"
        return (sent,) if docker else ("cloudbuild.builds.create",)
    return _BY_EFFECT[step.effect].get(step.subject, ())
