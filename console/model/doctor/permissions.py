"""What the login may do, by what it is needed for, and the smallest roles that have it.

Source: https://cloud.google.com/iam/docs/roles-permissions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from console.language import tr
from console.model.doctor.answers import Because, Place, Unanswered, command, grant, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import Answer
from console.model.doctor.finding import Finding, Mend, State

Roles = Mapping[str, str]
"""Permissions, each with the smallest role of Google's that has it."""

WATCHING: Final[Roles] = {
    "run.services.get": "roles/run.viewer",
    "run.services.list": "roles/run.viewer",
    "run.services.getIamPolicy": "roles/run.viewer",
    "run.revisions.get": "roles/run.viewer",
    "run.revisions.list": "roles/run.viewer",
    "logging.logEntries.list": "roles/logging.viewer",
    "monitoring.timeSeries.list": "roles/monitoring.viewer",
    "artifactregistry.repositories.get": "roles/artifactregistry.reader",
    "artifactregistry.dockerimages.list": "roles/artifactregistry.reader",
}
DEPLOYING: Final[Roles] = {
    "run.services.create": "roles/run.admin",
    "run.services.update": "roles/run.admin",
    "run.services.delete": "roles/run.admin",
    "run.services.setIamPolicy": "roles/run.admin",
    "run.operations.get": "roles/run.admin",
    "run.routes.invoke": "roles/run.invoker",
    "iam.serviceAccounts.actAs": "roles/iam.serviceAccountUser",
    "iam.serviceAccounts.create": "roles/iam.serviceAccountCreator",
    "iam.serviceAccounts.get": "roles/iam.serviceAccountCreator",
    "artifactregistry.repositories.create": "roles/artifactregistry.admin",
    "artifactregistry.repositories.uploadArtifacts": "roles/artifactregistry.writer",
    "artifactregistry.repositories.downloadArtifacts": "roles/artifactregistry.reader",
    "cloudbuild.builds.create": "roles/cloudbuild.builds.editor",
    "cloudbuild.builds.get": "roles/cloudbuild.builds.editor",
    "cloudquotas.quotas.get": "roles/cloudquotas.viewer",
    "serviceusage.services.list": "roles/serviceusage.serviceUsageAdmin",
    "serviceusage.services.enable": "roles/serviceusage.serviceUsageAdmin",
}
"""What the steps of a deployment take, from switching on APIs to asking whether it answers.

A deployer reads the image too, and acts as the service's account. Nothing is granted on the
project itself: the account reads one bucket only. Source:
https://cloud.google.com/run/docs/reference/iam/roles#additional-configuration.
"""

STORING: Final[Roles] = {
    "storage.buckets.get": "roles/storage.bucketViewer",
    "storage.buckets.setIamPolicy": "roles/storage.admin",
    "storage.objects.list": "roles/storage.objectUser",
    "storage.objects.get": "roles/storage.objectUser",
    "storage.objects.create": "roles/storage.objectUser",
    "storage.objects.delete": "roles/storage.objectUser",
    "storage.multipartUploads.create": "roles/storage.objectUser",
    "storage.multipartUploads.abort": "roles/storage.objectUser",
    "storage.multipartUploads.list": "roles/storage.objectUser",
    "storage.multipartUploads.listParts": "roles/storage.objectUser",
}
MAKING_A_BUCKET: Final[Roles] = {**STORING, "storage.buckets.create": "roles/storage.admin"}
"""What it takes where there is no bucket yet."""

OF_THE_PROJECT: Final = (*WATCHING, *DEPLOYING, *MAKING_A_BUCKET)
"""All that the project is asked about; it may be asked about 100 permissions at once."""

_HAS_TOO: Final[Mapping[str, frozenset[str]]] = {
    "roles/run.admin": frozenset({"roles/run.viewer", "roles/run.invoker"}),
    "roles/artifactregistry.writer": frozenset({"roles/artifactregistry.reader"}),
    "roles/artifactregistry.admin": frozenset(
        {"roles/artifactregistry.writer", "roles/artifactregistry.reader"}
    ),
    "roles/storage.admin": frozenset({"roles/storage.bucketViewer", "roles/storage.objectUser"}),
}
_HELD_BY_VIEWERS: Final = frozenset(
    {
        *("run.operations.get", "run.routes.invoke", "iam.serviceAccounts.get"),
        *("artifactregistry.repositories.downloadArtifacts", "cloudbuild.builds.get"),
        *("cloudquotas.quotas.get", "serviceusage.services.list", "storage.buckets.get"),
        *("storage.objects.list", "storage.objects.get"),
        *("storage.multipartUploads.list", "storage.multipartUploads.listParts"),
    }
)
"""What somebody may have who is to change nothing."""

_TO_ASK_AT_ALL: Final = "serviceusage.services.use"


def watching(held: Answer[frozenset[str]], place: Place) -> Finding:
    """Judge whether the login may look after a service."""
    return _of_project(Check.WATCHING, WATCHING, held, place)


def only_looks(held: Answer[frozenset[str]]) -> bool:
    """Say whether a login may change nothing in a project, as far as it was told."""
    if isinstance(held, Unanswered):
        return False
    changing = {*DEPLOYING, *MAKING_A_BUCKET} - _HELD_BY_VIEWERS
    return not held & changing and bool(held & WATCHING.keys())


def deploying(held: Answer[frozenset[str]], place: Place, surely: bool = False) -> Finding:
    """Judge whether the login may deploy.

    One that may change nothing is taken for one that is only to look, unless somebody will
    `surely` deploy with it.
    """
    found = _of_project(Check.DEPLOYING, DEPLOYING, held, place)
    return found if surely or not only_looks(held) else _no_matter_for_looking(found, place)


def storing(
    held: Answer[frozenset[str]], place: Place, bucket: str, looks: bool = False
) -> Finding:
    """Judge whether the login may put models into `bucket`; empty: it would have to make one.

    `looks` says that it is only to look after what there is.
    """
    found = _storing(held, place, bucket)
    return _no_matter_for_looking(found, place) if looks else found


def _no_matter_for_looking(found: Finding, place: Place) -> Finding:
    if found.state is not State.WRONG:
        return found
    line = command("zimage-console", "doctor", "--for", "look", "--context", place.context)
    only = Mend(line, tr("asks for no more than looking takes"))
    words = tr("this login may only look; {found}", found=found.found)
    return Finding(found.check, State.WARNING, words, (*found.mends, only))


def _storing(held: Answer[frozenset[str]], place: Place, bucket: str) -> Finding:
    if not bucket:
        return _of_project(Check.STORING, MAKING_A_BUCKET, held, place)
    if isinstance(held, Unanswered):
        return unknown(Check.STORING, held, place)
    missing = [each for each in STORING if each not in held]
    if not missing:
        return Finding(
            Check.STORING, State.OK, tr("all that it takes in gs://{bucket}", bucket=bucket)
        )
    mends = tuple(
        Mend(
            command(
                *("gcloud", "storage", "buckets", "add-iam-policy-binding", f"gs://{bucket}"),
                *(f"--member={place.member}", f"--role={role}"),
            )
        )
        for role in smallest_roles(STORING, missing)
    )
    return Finding(Check.STORING, State.WRONG, _missing(missing), mends)


def smallest_roles(roles: Roles, missing: Iterable[str]) -> tuple[str, ...]:
    """Return the roles that have all that is missing, without those that another one covers."""
    wanted = dict.fromkeys(roles[each] for each in missing)
    covered = {less for role in wanted for less in _HAS_TOO.get(role, ())}
    return tuple(role for role in wanted if role not in covered)


def _of_project(check: Check, roles: Roles, held: Answer[frozenset[str]], place: Place) -> Finding:
    if isinstance(held, Unanswered):
        return _not_told(check, held, place)
    missing = [each for each in roles if each not in held]
    if not missing:
        return Finding(check, State.OK, tr("all that it takes"))
    mends = tuple(grant(place, role) for role in smallest_roles(roles, missing))
    return Finding(check, State.WRONG, _missing(missing), mends)


def _missing(permissions: list[str]) -> str:
    return tr("missing: {permissions}", permissions=tr(", ").join(permissions))


def _not_told(check: Check, held: Unanswered, place: Place) -> Finding:
    """What a project asks of whoever asks it anything is missing itself: no other check says so."""
    if held.because is Because.DENIED and held.permission == _TO_ASK_AT_ALL:
        role = held.role or "roles/serviceusage.serviceUsageConsumer"
        return Finding(check, State.WRONG, held.words, (grant(place, role),))
    if held.because is Because.DENIED:
        words = tr("{project} does not tell this login what it may do", project=place.project)
        return Finding(check, State.UNKNOWN, words)
    return unknown(check, held, place)
