"""What this login lacks for the steps of a plan, by the project's own answer.

That says nothing of what the login may do with a single bucket, account, repository or service.
Where there is one already, what is lacking is told, and may be no hindrance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from console.language import tr
from console.model.deploy.observed import Absent, Observed, Seen, Unseen
from console.model.deploy.step import Effect, Refusal, Step, Subject
from console.model.deploy.wish import ImageWay
from console.model.doctor.answers import Place, grant
from console.model.doctor.permissions import DEPLOYING, MAKING_A_BUCKET, smallest_roles

_ROLES: Final = {
    **DEPLOYING,
    **MAKING_A_BUCKET,
    "storage.buckets.update": "roles/storage.admin",
    "artifactregistry.repositories.delete": "roles/artifactregistry.admin",
    "iam.serviceAccounts.delete": "roles/iam.serviceAccountAdmin",
    "storage.buckets.delete": "roles/storage.admin",
}
_OF_THE_PROJECT_ALONE: Final = frozenset(
    {
        *("storage.buckets.create", "artifactregistry.repositories.create"),
        *("iam.serviceAccounts.create", "run.services.create"),
    }
)
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


def permission_refusals(
    project: str, observed: Observed, steps: Iterable[Step], way: ImageWay | None = None
) -> Iterator[Refusal]:
    """Yield what the login surely lacks for steps, each permission by the first that takes it."""
    for step, missing in _lacking(observed, steps, way):
        surely = [each for each in missing if not _below(each, observed)]
        if surely:
            roles = smallest_roles(_ROLES, surely)
            yield Refusal(
                step.subject,
                tr(
                    "this login lacks {permissions} in {project}, which it takes to {title}",
                    permissions=tr(" and ").join(surely),
                    project=project,
                    title=step.title,
                ),
                " && ".join(grant(Place(project, "", ""), role).command for role in roles),
            )


def permission_notes(
    project: str, observed: Observed, steps: Iterable[Step], way: ImageWay | None = None
) -> Iterator[str]:
    """Yield what the login lacks in the project, but may have of the very thing."""
    for step, missing in _lacking(observed, steps, way):
        perhaps = [each for each in missing if _below(each, observed)]
        if perhaps:
            roles = tr(" and ").join(smallest_roles(_ROLES, perhaps))
            things = tr(" and ").join(dict.fromkeys(_below(each, observed) for each in perhaps))
            yield (
                tr(
                    "this login lacks {permissions} in {project} as a whole ({roles}): "
                    "unless it has that for {things} alone, it fails to {title}",
                    permissions=tr(" and ").join(perhaps),
                    project=project,
                    roles=roles,
                    things=things,
                    title=step.title,
                )
            )


def _lacking(
    observed: Observed, steps: Iterable[Step], way: ImageWay | None
) -> Iterator[tuple[Step, list[str]]]:
    if not isinstance(observed.lacking, frozenset):
        return
    told: set[str] = set()
    for step in steps:
        needed = _needed(step, way)
        missing = [each for each in needed if each in observed.lacking and each not in told]
        told.update(missing)
        if missing:
            yield step, missing


def _below(permission: str, observed: Observed) -> str:
    """Return what there is already that the permission can be granted for alone; empty if none."""
    things: tuple[tuple[str, str, Seen[object]], ...] = (
        ("storage.", tr("the bucket"), observed.bucket),
        ("iam.serviceAccounts.", tr("the account"), observed.account),
        ("artifactregistry.repositories.", tr("the repository"), observed.repository),
        ("run.services.", tr("the service"), observed.service),
    )
    if permission in _OF_THE_PROJECT_ALONE:
        return ""
    return next(
        (
            what
            for begin, what, thing in things
            if permission.startswith(begin) and not isinstance(thing, Absent | Unseen)
        ),
        "",
    )


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
