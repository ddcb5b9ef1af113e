"""Cloud Run's conditions in plain words: what they mean and what mends them.

A condition has a type (which side of being ready), a state, a reason (a word) and a message. Known
messages tell most, then the reason; what is not known is shown as Google said it. Sources:
`google.cloud.run.v2.Condition` and https://cloud.google.com/run/docs/troubleshooting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from console.language import tr, tr_later
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
        return tr("{says}; {mend}", says=self.says, mend=self.mend) if self.mend else self.says


@dataclass(frozen=True, slots=True)
class _Aspect:
    """What a type is called and what its states mean."""

    name: str
    succeeded: str
    going_on: str


_ASPECTS: Final = {
    "Ready": _Aspect(
        tr_later("ready"), tr_later("it can take requests"), tr_later("it is being made ready")
    ),
    "ConfigurationsReady": _Aspect(
        tr_later("revision"),
        tr_later("the newest revision is made"),
        tr_later("the newest revision is being made"),
    ),
    "RoutesReady": _Aspect(
        tr_later("routes"),
        tr_later("requests go where they are to go"),
        tr_later("requests are being led to where they belong"),
    ),
    "ContainerReady": _Aspect(
        tr_later("image"), tr_later("the image is there"), tr_later("the image is being fetched")
    ),
    "ContainerHealthy": _Aspect(
        tr_later("start-up"),
        tr_later("a container started and passed its probe"),
        tr_later("a container is being started"),
    ),
    "ResourcesAvailable": _Aspect(
        tr_later("resources"),
        tr_later("CPU, memory and GPU are there"),
        tr_later("CPU, memory and GPU are being found"),
    ),
    "MinInstancesProvisioned": _Aspect(
        tr_later("minimum"),
        tr_later("the least number of instances runs"),
        tr_later("the least number of instances is starting"),
    ),
    "Active": _Aspect(
        tr_later("active"), tr_later("it may get requests"), tr_later("it is being made active")
    ),
    "Retry": _Aspect(
        tr_later("retry"),
        tr_later("nothing is tried again"),
        tr_later("the roll-out is tried again"),
    ),
    "SecretsAvailable": _Aspect(
        tr_later("secrets"),
        tr_later("its secrets can be read"),
        tr_later("its secrets are looked for"),
    ),
}

_MESSAGES: Final = (
    (
        r"quota for using GPUs with zonal redundancy",
        tr_later("there is no quota for GPUs with zonal redundancy here"),
        tr_later(
            "deploy with --no-gpu-zonal-redundancy, or ask for quota at g.co/cloudrun/gpu-quota"
        ),
    ),
    (
        r"quota for using GPUs without zonal redundancy|allowable count of GPUs",
        tr_later("there is no quota for GPUs here"),
        tr_later(
            "ask for NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion at "
            "g.co/cloudrun/gpu-quota, or deploy to another region"
        ),
    ),
    (
        r"Max instances must be set to (?P<most>\d+) or fewer",
        tr_later("the quota of this region allows at most {most} such instances"),
        tr_later("set max-instances to {most}, make instances smaller, or ask for more quota"),
    ),
    (
        r"Quota violated: (?P<quota>\w+)",
        tr_later("the quota {quota} is too small for this"),
        tr_later("lower max-instances, make instances smaller, or ask for more quota"),
    ),
    (
        r"[Mm]emory limit of (?P<limit>\d+) MiB exceeded with (?P<used>\d+) MiB used",
        tr_later("the container used {used} MiB of memory and may use {limit} MiB"),
        tr_later("give it more memory"),
    ),
    (
        r"failed to start and listen on the port defined provided by the PORT=(?P<port>\d+)",
        tr_later("the container did not open port {port} in time"),
        tr_later(
            "have it listen on 0.0.0.0:{port}, give a slow start a longer start-up probe, and "
            "mount no volume over the program"
        ),
    ),
    (
        r"failed the configured startup probe checks|[Ss]tartup probe failed",
        tr_later("the container did not pass its start-up probe"),
        tr_later("look at its log; a slow start needs a higher failure threshold"),
    ),
    (
        r"Application exec likely failed|failed to (?:start|exec)[^.]*exec format error",
        tr_later("the program in the image could not be run"),
        tr_later("build it for linux/amd64, mount no volume over it, and check the mount options"),
    ),
    (
        r"(?:GCSFuse|gcsfuse|[Mm]ount(?:ing)?)\b.*\b(?:failed|error|denied)",
        tr_later("a volume could not be mounted"),
        tr_later(
            "let the service account read the bucket (roles/storage.objectViewer) and check "
            "the mount options"
        ),
    ),
    (
        r"Image '(?P<image>[^']*)' not found",
        tr_later("the image {image} is not there"),
        tr_later("push it, or deploy one that is"),
    ),
    (
        r"allowedPolicyMemberDomains|do not belong to a permitted customer",
        tr_later("the organisation's policy does not let allUsers call"),
        tr_later("turn the invoker check off instead (--no-invoker-iam-check)"),
    ),
)

_REASONS: Final = {
    "REVISION_FAILED": (tr_later("its newest revision failed"), tr_later("deploy a corrected one")),
    "PROGRESS_DEADLINE_EXCEEDED": (
        tr_later("it did not get ready in the time allowed"),
        tr_later("look at the log of its first instance, and allow a longer start"),
    ),
    "CONTAINER_MISSING": (
        tr_later("the image is not there"),
        tr_later("push it, or deploy one that is"),
    ),
    "CONTAINER_PERMISSION_DENIED": (
        tr_later("Cloud Run may not read the image"),
        tr_later("give its service agent roles/artifactregistry.reader on the repository"),
    ),
    "CONTAINER_IMAGE_UNAUTHORIZED": (
        tr_later("Binary Authorization does not allow the image"),
        tr_later("have the image attested, or change the policy"),
    ),
    "CONTAINER_IMAGE_AUTHORIZATION_CHECK_FAILED": (
        tr_later("Binary Authorization could not check the image"),
        tr_later("see whether its policy can be read"),
    ),
    "ENCRYPTION_KEY_PERMISSION_DENIED": (
        tr_later("Cloud Run may not use the encryption key"),
        tr_later("give its service agent roles/cloudkms.cryptoKeyEncrypterDecrypter on the key"),
    ),
    "ENCRYPTION_KEY_CHECK_FAILED": (
        tr_later("the encryption key could not be checked"),
        tr_later("see whether the key exists and is enabled"),
    ),
    "SECRETS_ACCESS_CHECK_FAILED": (
        tr_later("a secret cannot be read"),
        tr_later("give the service account roles/secretmanager.secretAccessor on it"),
    ),
    "WAITING_FOR_OPERATION": (tr_later("another change is being carried out before this one"), ""),
    "IMMEDIATE_RETRY": (tr_later("it failed and is tried again at once"), ""),
    "POSTPONED_RETRY": (tr_later("it failed and is tried again later"), ""),
    "INTERNAL": (
        tr_later("Google Cloud had an error of its own"),
        tr_later("deploy again in a few minutes"),
    ),
    "VPC_NETWORK_NOT_FOUND": (
        tr_later("the VPC network is not there"),
        tr_later("correct its name, or make it"),
    ),
    "PENDING": (tr_later("it waits for its turn"), ""),
    "RESERVE": (tr_later("it gets no requests and has no instances; it is kept to go back to"), ""),
    "RETIRED": (tr_later("it is retired: it gets no requests"), ""),
    "RETIRING": (tr_later("it is being retired"), ""),
    "RECREATING": (tr_later("it is being made anew"), ""),
    "HEALTH_CHECK_CONTAINER_ERROR": (
        tr_later("its container did not start"),
        tr_later("look at the log of its instance"),
    ),
    "CUSTOMIZED_PATH_RESPONSE_PENDING": (tr_later("its health check has not answered yet"), ""),
    "MIN_INSTANCES_NOT_PROVISIONED": (
        tr_later("the least number of instances could not be started"),
        tr_later("lower min-instances, or ask for more quota"),
    ),
    "ACTIVE_REVISION_LIMIT_REACHED": (
        tr_later("too many revisions are active"),
        tr_later("take traffic and tags from old ones"),
    ),
    "NO_DEPLOYMENT": (tr_later("it is not deployed"), ""),
    "HEALTH_CHECK_SKIPPED": (tr_later("nobody checked whether it starts"), ""),
    "MIN_INSTANCES_WARMING": (tr_later("the least number of instances is starting"), ""),
}


def aspect(condition: Condition) -> str:
    """Return which side of being ready a condition is about, in a word."""
    known = _ASPECTS.get(condition.type)
    return condition.type if known is None else tr(known.name)


def meaning(condition: Condition) -> Meaning:
    """Return what a condition means."""
    known = _ASPECTS.get(condition.type)
    if condition.state is ConditionState.FAILED:
        return failure(condition.reason, condition.message)
    if condition.reason in _REASONS:
        return Meaning(SafeText(tr(_REASONS[condition.reason][0])))
    if known is not None and condition.state is ConditionState.SUCCEEDED:
        return Meaning(SafeText(tr(known.succeeded)))
    if condition.message:
        return Meaning(condition.message)
    if known is not None and condition.state in _GOING_ON:
        return Meaning(SafeText(tr(known.going_on)))
    silent = tr("{state}; Cloud Run says no more", state=condition.state.word)
    return Meaning(condition.reason or SafeText(silent))


def failure(reason: str, message: str) -> Meaning:
    """Return what a failure means: by its message, else its reason, else as Google said it."""
    said = _LOGS.sub("", _NOT_READY.sub("", message)).strip()
    for pattern, says, mend in _MESSAGES:
        if (found := re.search(pattern, said)) is not None:
            parts = found.groupdict()
            return Meaning(SafeText(tr(says, **parts)), SafeText(tr(mend, **parts)))
    if reason in _REASONS:
        says, mend = (tr(each) for each in _REASONS[reason])
        if said:
            says = tr("{says} ({said})", says=says, said=said)
        return Meaning(SafeText(says), SafeText(mend))
    as_said = ": ".join(part for part in (reason, said) if part)
    return Meaning(SafeText(as_said or tr("it failed, and Cloud Run gives no reason")))


_GOING_ON: Final = (ConditionState.PENDING, ConditionState.RECONCILING)
