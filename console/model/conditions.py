"""Cloud Run's conditions in plain words: what they mean and what mends them.

A condition has a type (which side of being ready), a state, a reason (a word) and a message. Known
messages tell most, then the reason; what is not known is shown as Google said it. Sources:
`google.cloud.run.v2.Condition` and https://cloud.google.com/run/docs/troubleshooting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from console.model.service import Condition, ConditionState
from console.model.text import SafeText

_NOTHING: Final = SafeText("")
_NOT_READY: Final = re.compile(r"^Revision '[^']*' is not ready and cannot serve traffic\.\s*")
_LOGS: Final = re.compile(r"\s*Logs for this revision might contain more information\..*$")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One sentence that says what is so, and the mend where there is one."""

    says: SafeText
    mend: SafeText = _NOTHING

    def __str__(self) -> str:
        return f"{self.says}; {self.mend}" if self.mend else self.says


@dataclass(frozen=True, slots=True)
class _Aspect:
    """What a type is called and what its states mean."""

    name: str
    succeeded: str
    going_on: str


_ASPECTS: Final = {
    "Ready": _Aspect("ready", "it can take requests", "it is being made ready"),
    "ConfigurationsReady": _Aspect(
        "revision", "the newest revision is made", "the newest revision is being made"
    ),
    "RoutesReady": _Aspect(
        "routes", "requests go where they are to go", "requests are being led to where they belong"
    ),
    "ContainerReady": _Aspect("image", "the image is there", "the image is being fetched"),
    "ContainerHealthy": _Aspect(
        "start-up", "a container started and passed its probe", "a container is being started"
    ),
    "ResourcesAvailable": _Aspect(
        "resources", "CPU, memory and GPU are there", "CPU, memory and GPU are being found"
    ),
    "MinInstancesProvisioned": _Aspect(
        "minimum", "the least number of instances runs", "the least number of instances is starting"
    ),
    "Active": _Aspect("active", "it may get requests", "it is being made active"),
    "Retry": _Aspect("retry", "nothing is tried again", "the roll-out is tried again"),
    "SecretsAvailable": _Aspect("secrets", "its secrets can be read", "its secrets are looked for"),
}

_MESSAGES: Final = tuple(
    (re.compile(pattern), says, mend)
    for pattern, says, mend in (
        (
            r"quota for using GPUs with zonal redundancy",
            "there is no quota for GPUs with zonal redundancy here",
            "deploy with --no-gpu-zonal-redundancy, or ask for quota at g.co/cloudrun/gpu-quota",
        ),
        (
            r"quota for using GPUs without zonal redundancy|allowable count of GPUs",
            "there is no quota for GPUs here",
            "ask for NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion at g.co/cloudrun/gpu-quota, "
            "or deploy to another region",
        ),
        (
            r"Max instances must be set to (?P<most>\d+) or fewer",
            "the quota of this region allows at most {most} such instances",
            "set max-instances to {most}, make instances smaller, or ask for more quota",
        ),
        (
            r"Quota violated: (?P<quota>\w+)",
            "the quota {quota} is too small for this",
            "lower max-instances, make instances smaller, or ask for more quota",
        ),
        (
            r"[Mm]emory limit of (?P<limit>\d+) MiB exceeded with (?P<used>\d+) MiB used",
            "the container used {used} MiB of memory and may use {limit} MiB",
            "give it more memory",
        ),
        (
            r"failed to start and listen on the port defined provided by the PORT=(?P<port>\d+)",
            "the container did not open port {port} in time",
            "have it listen on 0.0.0.0:{port}, give a slow start a longer start-up probe, and "
            "mount no volume over the program",
        ),
        (
            r"failed the configured startup probe checks|[Ss]tartup probe failed",
            "the container did not pass its start-up probe",
            "look at its log; a slow start needs a higher failure threshold",
        ),
        (
            r"Application exec likely failed|failed to (?:start|exec)[^.]*exec format error",
            "the program in the image could not be run",
            "build it for linux/amd64, mount no volume over it, and check the mount options",
        ),
        (
            r"(?:GCSFuse|gcsfuse|[Mm]ount(?:ing)?)\b.*\b(?:failed|error|denied)",
            "a volume could not be mounted",
            "let the service account read the bucket (roles/storage.objectViewer) and check the "
            "mount options",
        ),
        (
            r"Image '(?P<image>[^']*)' not found",
            "the image {image} is not there",
            "push it, or deploy one that is",
        ),
        (
            r"allowedPolicyMemberDomains|do not belong to a permitted customer",
            "the organisation's policy does not let allUsers call",
            "turn the invoker check off instead (--no-invoker-iam-check)",
        ),
    )
)

_REASONS: Final = {
    "REVISION_FAILED": ("its newest revision failed", "deploy a corrected one"),
    "PROGRESS_DEADLINE_EXCEEDED": (
        "it did not get ready in the time allowed",
        "look at the log of its first instance, and allow a longer start",
    ),
    "CONTAINER_MISSING": ("the image is not there", "push it, or deploy one that is"),
    "CONTAINER_PERMISSION_DENIED": (
        "Cloud Run may not read the image",
        "give its service agent roles/artifactregistry.reader on the repository",
    ),
    "CONTAINER_IMAGE_UNAUTHORIZED": (
        "Binary Authorization does not allow the image",
        "have the image attested, or change the policy",
    ),
    "CONTAINER_IMAGE_AUTHORIZATION_CHECK_FAILED": (
        "Binary Authorization could not check the image",
        "see whether its policy can be read",
    ),
    "ENCRYPTION_KEY_PERMISSION_DENIED": (
        "Cloud Run may not use the encryption key",
        "give its service agent roles/cloudkms.cryptoKeyEncrypterDecrypter on the key",
    ),
    "ENCRYPTION_KEY_CHECK_FAILED": (
        "the encryption key could not be checked",
        "see whether the key exists and is enabled",
    ),
    "SECRETS_ACCESS_CHECK_FAILED": (
        "a secret cannot be read",
        "give the service account roles/secretmanager.secretAccessor on it",
    ),
    "WAITING_FOR_OPERATION": ("another change is being carried out before this one", ""),
    "IMMEDIATE_RETRY": ("it failed and is tried again at once", ""),
    "POSTPONED_RETRY": ("it failed and is tried again later", ""),
    "INTERNAL": ("Google Cloud had an error of its own", "deploy again in a few minutes"),
    "VPC_NETWORK_NOT_FOUND": ("the VPC network is not there", "correct its name, or make it"),
    "PENDING": ("it waits for its turn", ""),
    "RESERVE": ("it gets no requests and has no instances; it is kept to go back to", ""),
    "RETIRED": ("it is retired: it gets no requests", ""),
    "RETIRING": ("it is being retired", ""),
    "RECREATING": ("it is being made anew", ""),
    "HEALTH_CHECK_CONTAINER_ERROR": (
        "its container did not start",
        "look at the log of its instance",
    ),
    "CUSTOMIZED_PATH_RESPONSE_PENDING": ("its health check has not answered yet", ""),
    "MIN_INSTANCES_NOT_PROVISIONED": (
        "the least number of instances could not be started",
        "lower min-instances, or ask for more quota",
    ),
    "ACTIVE_REVISION_LIMIT_REACHED": (
        "too many revisions are active",
        "take traffic and tags from old ones",
    ),
    "NO_DEPLOYMENT": ("it is not deployed", ""),
    "HEALTH_CHECK_SKIPPED": ("nobody checked whether it starts", ""),
    "MIN_INSTANCES_WARMING": ("the least number of instances is starting", ""),
}


def aspect(condition: Condition) -> str:
    """Return which side of being ready a condition is about, in a word."""
    known = _ASPECTS.get(condition.type)
    return condition.type if known is None else known.name


def meaning(condition: Condition) -> Meaning:
    """Return what a condition means."""
    known = _ASPECTS.get(condition.type)
    if condition.state is ConditionState.FAILED:
        return failure(condition.reason, condition.message)
    if condition.reason in _REASONS:
        return Meaning(SafeText(_REASONS[condition.reason][0]))
    if known is not None and condition.state is ConditionState.SUCCEEDED:
        return Meaning(SafeText(known.succeeded))
    if condition.message:
        return Meaning(condition.message)
    if known is not None and condition.state in _GOING_ON:
        return Meaning(SafeText(known.going_on))
    return Meaning(condition.reason or SafeText(f"{condition.state}; Cloud Run says no more"))


def failure(reason: str, message: str) -> Meaning:
    """Return what a failure means: by its message, else its reason, else as Google said it."""
    said = _LOGS.sub("", _NOT_READY.sub("", message)).strip()
    for pattern, says, mend in _MESSAGES:
        if (found := pattern.search(said)) is not None:
            parts = found.groupdict()
            return Meaning(SafeText(says.format(**parts)), SafeText(mend.format(**parts)))
    if reason in _REASONS:
        says, mend = _REASONS[reason]
        return Meaning(SafeText(f"{says} ({said})" if said else says), SafeText(mend))
    as_said = ": ".join(part for part in (reason, said) if part)
    return Meaning(SafeText(as_said or "it failed, and Cloud Run gives no reason"))


_GOING_ON: Final = (ConditionState.PENDING, ConditionState.RECONCILING)
