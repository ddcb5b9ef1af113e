"""What Google's interfaces refuse, told as the console's own errors: what, why, the mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from google.api_core import exceptions as google
from google.auth.exceptions import GoogleAuthError, TransportError
from google.rpc import error_details_pb2

from console.language import tr, tr_later
from console.sources.base import (
    AlreadyThere,
    Denied,
    Missing,
    Offline,
    SourceError,
    Throttled,
    Unauthenticated,
)
from console.terminal.sanitise import sanitise

LOG_IN: Final = tr_later("run `gcloud auth application-default login`")

_ROLES: Final = {
    "run.services.get": "roles/run.viewer",
    "run.services.list": "roles/run.viewer",
    "run.revisions.get": "roles/run.viewer",
    "run.revisions.list": "roles/run.viewer",
    "run.operations.get": "roles/run.viewer",
    "run.operations.list": "roles/run.viewer",
    "run.services.getIamPolicy": "roles/run.viewer",
    "run.services.create": "roles/run.developer",
    "run.services.update": "roles/run.developer",
    "run.services.delete": "roles/run.developer",
    "run.services.setIamPolicy": "roles/run.admin",
    "iam.serviceAccounts.get": "roles/iam.serviceAccountViewer",
    "iam.serviceAccounts.create": "roles/iam.serviceAccountCreator",
    "iam.serviceAccounts.delete": "roles/iam.serviceAccountDeleter",
    "iam.serviceAccounts.actAs": "roles/iam.serviceAccountUser",
    "iam.serviceaccounts.actAs": "roles/iam.serviceAccountUser",
    "cloudbuild.builds.create": "roles/cloudbuild.builds.editor",
    "cloudbuild.builds.get": "roles/cloudbuild.builds.viewer",
    "cloudbuild.builds.list": "roles/cloudbuild.builds.viewer",
    "cloudbuild.builds.update": "roles/cloudbuild.builds.editor",
    "logging.logEntries.list": "roles/logging.viewer",
    "monitoring.timeSeries.list": "roles/monitoring.viewer",
    "resourcemanager.projects.get": "roles/browser",
    "run.locations.list": "roles/run.viewer",
    "run.routes.invoke": "roles/run.invoker",
    "artifactregistry.repositories.get": "roles/artifactregistry.reader",
    "artifactregistry.repositories.downloadArtifacts": "roles/artifactregistry.reader",
    "artifactregistry.dockerimages.list": "roles/artifactregistry.reader",
    "artifactregistry.dockerimages.get": "roles/artifactregistry.reader",
    "artifactregistry.tags.get": "roles/artifactregistry.reader",
    "artifactregistry.repositories.create": "roles/artifactregistry.admin",
    "artifactregistry.repositories.delete": "roles/artifactregistry.admin",
    "artifactregistry.repositories.uploadArtifacts": "roles/artifactregistry.writer",
    "artifactregistry.versions.delete": "roles/artifactregistry.repoAdmin",
    "serviceusage.services.use": "roles/serviceusage.serviceUsageConsumer",
    "serviceusage.services.list": "roles/serviceusage.serviceUsageViewer",
    "serviceusage.services.enable": "roles/serviceusage.serviceUsageAdmin",
    "cloudquotas.quotas.get": "roles/cloudquotas.viewer",
    "storage.buckets.list": "roles/storage.bucketViewer",
    "storage.buckets.get": "roles/storage.bucketViewer",
    "storage.buckets.create": "roles/storage.admin",
    "storage.buckets.update": "roles/storage.admin",
    "storage.buckets.delete": "roles/storage.admin",
    "storage.buckets.getIamPolicy": "roles/storage.admin",
    "storage.buckets.setIamPolicy": "roles/storage.admin",
    "storage.objects.list": "roles/storage.objectViewer",
    "storage.objects.get": "roles/storage.objectViewer",
    "storage.objects.create": "roles/storage.objectUser",
    "storage.objects.update": "roles/storage.objectUser",
    "storage.objects.delete": "roles/storage.objectUser",
    "storage.multipartUploads.list": "roles/storage.objectUser",
    "storage.multipartUploads.listParts": "roles/storage.objectUser",
    "storage.multipartUploads.create": "roles/storage.objectUser",
    "storage.multipartUploads.abort": "roles/storage.objectUser",
}
_PERMISSION: Final = re.compile(r"'?(?<![@.\w-])([a-z]+\.[a-zA-Z]+\.[a-zA-Z]+)\b'?(?! ?\()")
_ADDRESSES: Final = re.compile(
    r"^failed to connect to all addresses; last error: [A-Z_]+: (?:ipv[46]:\S+ )?"
)
_LOST_LOGIN: Final = "Getting metadata from plugin failed with error: "
_NO_WAY: Final = "Max retries exceeded"
"""What the library says by which logins are renewed where there is no network."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: in words (`read service a/b/c`), where, and the permission it takes."""

    words: str
    project: str
    interface: str
    permission: str


@contextmanager
def refusals(asked: Asked) -> Iterator[None]:
    """Turn what Google's clients raise into `SourceError`."""
    try:
        yield
    except google.GoogleAPICallError as error:
        raise _refusal(error, asked) from None
    except google.RetryError as error:
        words = tr("cannot {what}: {why}", what=asked.words, why=error.message)
        raise Offline(sanitise(words)) from None
    except GoogleAuthError as error:
        raise login_problem(error) from None


def login_problem(error: GoogleAuthError) -> SourceError:
    """Say that a login cannot be renewed: for want of a network, or because it is of no use."""
    if isinstance(error, TransportError):
        return _login_offline(error)
    return not_logged_in(error)


def _login_offline(why: object) -> Offline:
    return Offline(sanitise(tr("cannot renew the login ({why}); is there a network?", why=why)))


def not_logged_in(why: object) -> Unauthenticated:
    """Say that there is no usable login, why, and how to get one."""
    words = tr("Google Cloud does not know who asks: {why}; {mend}", why=why, mend=tr(LOG_IN))
    return Unauthenticated(sanitise(words), sanitise(str(why)))


def _refusal(error: google.GoogleAPICallError, asked: Asked) -> SourceError:
    said = " ".join(_ADDRESSES.sub("", str(error.message or tr("no reason given"))).split())
    if _LOST_LOGIN in said and _NO_WAY in said:
        return _login_offline(said.removeprefix(_LOST_LOGIN))
    if _LOST_LOGIN in said or isinstance(error, google.Unauthorized):
        return not_logged_in(said.removeprefix(_LOST_LOGIN))
    known = {"what": asked.words, "interface": asked.interface, "why": said}
    match error:
        case google.Forbidden():
            return _denied(error, said, asked)
        case google.NotFound():
            words = tr("cannot {what}: there is none; check the name, or deploy it", **known)
            return Missing(sanitise(words))
        case google.TooManyRequests():
            words = tr(
                "cannot {what} now: too much was asked for ({why}); it is tried again later",
                **known,
            )
            return Throttled(sanitise(words), _retry_after(error))
        case google.GatewayTimeout():
            words = tr("cannot {what}: {interface} did not answer in time", **known)
            return Offline(sanitise(words))
        case google.ServiceUnavailable():
            words = tr(
                "cannot {what}: {interface} is out of reach ({why}); is there a network?", **known
            )
            return Offline(sanitise(words))
        case google.ServerError() | google.Cancelled() | google.Aborted():
            words = tr("cannot {what}: {interface} broke off ({why})", **known)
            return Offline(sanitise(words))
        case google.Conflict():
            return AlreadyThere(sanitise(_refused(known)))
        case _:
            return SourceError(sanitise(_refused(known)))


def _refused(known: Mapping[str, str]) -> str:
    return tr("cannot {what}: {interface} refuses: {why}", **known)


def _denied(error: google.GoogleAPICallError, said: str, asked: Asked) -> Denied:
    if error.reason == "SERVICE_DISABLED":
        return _disabled(asked)
    named = (error.metadata or {}).get("permission") or _named(said)
    permission = sanitise(str(named or asked.permission))
    role = _ROLES.get(permission, "")
    known = {
        "what": asked.words,
        "permission": permission,
        "role": role,
        "project": asked.project,
    }
    if role and asked.project:
        words = tr(
            "cannot {what}: permission {permission} is missing; have {role} granted in {project}",
            **known,
        )
    elif role:
        words = tr(
            "cannot {what}: permission {permission} is missing; have {role} granted", **known
        )
    elif asked.project:
        words = tr("cannot {what}: permission {permission} is missing in {project}", **known)
    else:
        words = tr("cannot {what}: permission {permission} is missing", **known)
    return Denied(sanitise(words), permission, role)


def _disabled(asked: Asked) -> Denied:
    """Say how to enable an interface; without a project, which project is to be asked as."""
    known = {"what": asked.words, "interface": asked.interface, "project": asked.project}
    if not asked.project:
        words = tr(
            "cannot {what}: {interface} is not enabled where your login asks from; run "
            "`gcloud auth application-default set-quota-project PROJECT` with one that has it",
            **known,
        )
    else:
        words = tr(
            "cannot {what}: {interface} is not enabled in {project}; run "
            "`gcloud services enable {interface} --project {project}`",
            **known,
        )
    return Denied(sanitise(words))


def _named(said: str) -> str | None:
    """Find the permission that a message such as `Permission 'run.services.get' denied` names."""
    found = _PERMISSION.search(said) if "ermission" in said else None
    return found[1] if found else None


def _retry_after(error: google.GoogleAPICallError) -> float | None:
    """Find in how many seconds to ask again, as gRPC says it or JSON does."""
    for detail in error.details:
        if isinstance(detail, error_details_pb2.RetryInfo):
            return _a_while(detail.retry_delay.seconds + detail.retry_delay.nanos / 1e9)
        if isinstance(detail, dict) and str(detail.get("@type")).endswith("google.rpc.RetryInfo"):
            try:
                return _a_while(float(str(detail.get("retryDelay")).removesuffix("s")))
            except ValueError:
                return None
    return None


def _a_while(seconds: float) -> float | None:
    return float(seconds) if 0 <= seconds < 86_400 else None
