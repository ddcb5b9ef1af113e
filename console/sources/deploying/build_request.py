"""What Cloud Build is asked to do, and what it says of a build: the same as `cloudbuild.yaml`.

Source: https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds.
"""

from __future__ import annotations

import re
from typing import Final

from console.language import tr, tr_later
from console.model.deploy.wish import ImageWish
from console.sources.deploying.base import Built
from console.sources.google_rest import Json, json_object, json_objects, json_text
from console.terminal.sanitise import sanitise

UNDER_WAY: Final = frozenset({"PENDING", "QUEUED", "WORKING"})
_SUCCESS: Final = "SUCCESS"
_DOCKER: Final = "gcr.io/cloud-builders/docker"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_NOT_IN_TAGS: Final = re.compile(r"[^\w.-]")
_LONGEST_TAG: Final = 128
_WORDS: Final = {
    "FAILURE": tr_later("the build failed"),
    "INTERNAL_ERROR": tr_later("Cloud Build itself failed"),
    "TIMEOUT": tr_later("the build took too long"),
    "CANCELLED": tr_later("the build was cancelled"),
    "EXPIRED": tr_later("the build waited too long for its turn"),
}


def build_of(bucket: str, name: str, wish: ImageWish, tag: str) -> Json:
    """Return a build of the archive `gs://BUCKET/NAME` that makes the image `tag`."""
    dockerfile = wish.dockerfile or "Dockerfile"
    return {
        "source": {"storageSource": {"bucket": bucket, "object": name}},
        "steps": [
            {
                "name": _DOCKER,
                "env": ["DOCKER_BUILDKIT=1"],
                "args": [
                    *("build", "--platform=linux/amd64", f"--file={dockerfile}", f"--tag={tag}"),
                    ".",
                ],
            },
        ],
        "images": [tag],
        "timeout": f"{wish.timeout}s",
        "tags": [build_tag(tag)],
        "options": {
            "machineType": wish.machine,
            "diskSizeGb": str(wish.disk),
            "logging": "CLOUD_LOGGING_ONLY",
        },
    }


def build_tag(tag: str) -> str:
    """Return by what the builds of an image are found again."""
    return _NOT_IN_TAGS.sub("_", tag.partition("/")[2])[-_LONGEST_TAG:].lstrip(".-")


def is_under_way(build: Json, tag: str) -> bool:
    """Say whether a build is making the image `tag`."""
    images = build.get("images")
    made = isinstance(images, list) and tag in images
    return made and json_text(build.get("status")) in UNDER_WAY


def built_of(build: Json) -> Built | None:
    """Return how a build ended, None while it goes on."""
    status = json_text(build.get("status"))
    if status in UNDER_WAY:
        return None
    if status == _SUCCESS:
        return _success(build)
    detail = json_text(json_object(build.get("failureInfo")).get("detail"))
    why = json_text(build.get("statusDetail")) or detail
    words = (
        tr(_WORDS[status])
        if status in _WORDS
        else tr("the build ended as {status}", status=status[:40] or tr("nothing"))
    )
    if not why:
        return Built(failed=sanitise(words))
    return Built(failed=sanitise(" ".join(tr("{words}: {why}", words=words, why=why).split())))


def _success(build: Json) -> Built:
    images = json_objects(json_object(build.get("results")).get("images"))
    digests = [json_text(each.get("digest")) for each in images]
    found = next(filter(_DIGEST.fullmatch, digests), None)
    if found is None:
        return Built(
            failed=sanitise(tr("the build succeeded, but does not say which image it made"))
        )
    return Built(digest=found)
