"""The programs that deployments are made with: gcloud and Docker."""

from __future__ import annotations

import re
from typing import Final

from console.language import tr, tr_later
from console.model.doctor.answers import Unanswered, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import Answer, Docker, DockerEngine, Program
from console.model.doctor.finding import Finding, Mend, State

GCLOUD_TRIED: Final = (528, 0, 0)
"""The oldest gcloud with which the commands told here were tried."""

DOCKER_TRIED: Final = (23, 0, 0)
"""The first Docker that builds with BuildKit by itself.

Source: https://docs.docker.com/engine/release-notes/23.0/
"""

_VERSION: Final = re.compile(r"(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?")
CLOUD_BUILD: Final = Mend(
    words=tr_later("without Docker, Cloud Build builds images in the project")
)
_NEWER: Final = Mend(
    words=tr_later("https://docs.docker.com/engine/install/ says how to get a newer one")
)
_BUILDKIT: Final = Mend(
    "export DOCKER_BUILDKIT=1", tr_later("has an older one build with BuildKit meanwhile")
)
_BUILDX: Final = Mend(
    words=tr_later("install the package docker-buildx-plugin: https://docs.docker.com/go/buildx/")
)


def version_of(text: str) -> tuple[int, int, int] | None:
    """Read the numbers of a version such as `28.2.2-rc1`; None if there are none."""
    match = _VERSION.match(text)
    if match is None:
        return None
    return int(match[1]), int(match[2] or 0), int(match[3] or 0)


def gcloud(found: Answer[Program]) -> Finding:
    """Judge the gcloud program."""
    if isinstance(found, Unanswered):
        return unknown(Check.GCLOUD, found)
    if found.path is None:
        page = tr("https://cloud.google.com/sdk/docs/install says how")
        mend = Mend("curl -sSL https://sdk.cloud.google.com | bash", page)
        return Finding(Check.GCLOUD, State.WARNING, tr("it is not installed"), (mend,))
    update = Mend("gcloud components update")
    diagnosis = Mend("gcloud info --run-diagnostics", tr("says what is in its way"))
    mends = (diagnosis, update) if found.problem else (update,)
    return _judged(Check.GCLOUD, found, GCLOUD_TRIED, mends)


def docker(found: Answer[Docker]) -> Finding:
    """Judge the Docker program, and whether its engine answers."""
    if isinstance(found, Unanswered):
        return unknown(Check.DOCKER, found)
    if found.client.path is None:
        install = Mend(words=tr("https://docs.docker.com/engine/install/ says how to install it"))
        words = tr("it is not installed")
        return Finding(Check.DOCKER, State.WARNING, words, (install, CLOUD_BUILD.said))
    newer = (_NEWER.said, _BUILDKIT.said, CLOUD_BUILD.said)
    judged = _judged(Check.DOCKER, found.client, DOCKER_TRIED, newer)
    if found.client.problem:
        return judged
    if not isinstance(found.engine, DockerEngine):
        version, why = found.client.version, found.engine
        words = (
            tr("{version}, but its engine does not answer: {why}", version=version, why=why)
            if version
            else tr("it, but its engine does not answer: {why}", why=why)
        )
        start = Mend("sudo systemctl start docker")
        return Finding(Check.DOCKER, State.WARNING, words, (start, CLOUD_BUILD.said))
    if judged.state is State.OK and found.buildx is False:
        words = tr(
            "{version}, but it lacks buildx and cannot build these images",
            version=found.client.version,
        )
        return Finding(Check.DOCKER, State.WARNING, words, (_BUILDX.said, CLOUD_BUILD.said))
    return judged


def _judged(
    check: Check, found: Program, tried: tuple[int, int, int], mends: tuple[Mend, ...]
) -> Finding:
    if found.problem:
        words = tr("{program} does not work: {why}", program=found.path, why=found.problem)
        return Finding(check, State.WARNING, words, mends)
    version = version_of(found.version)
    if version is None:
        words = tr("{program} does not say its version", program=found.path)
        return Finding(check, State.UNKNOWN, words)
    if version < tried:
        oldest = ".".join(map(str, tried))
        words = tr(
            "{version} is older than {oldest}, the oldest that was tried",
            version=found.version,
            oldest=oldest,
        )
        return Finding(check, State.WARNING, words, mends)
    return Finding(check, State.OK, found.version)
