"""Images built by the sandbox's Cloud Build."""

from __future__ import annotations

import io
import tarfile

from cloud_of_sandbox import PROJECT, REGION, Joined

from console.model.deploy.wish import ImageWay, ImageWish
from console.model.image_name import ImageName
from console.sources.deploying.base import Built

DOCKERFILE = "FROM scratch\nCOPY a /srv/\nCOPY b /srv/\nUSER 1\n"
WISH = ImageWish(
    way=ImageWay.CLOUD_BUILD, repository="z-image-cpu", name="z-image", dockerfile="Dockerfile.cpu"
)


def archive(**files: str) -> bytes:
    """Return a source archive; `__` in a name stands for a dot."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("__", "."))
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content.encode()))
    return packed.getvalue()


def tag_of(name: ImageName) -> str:
    where = name.repository
    path = f"{where.location}-docker.pkg.dev/{where.project}/{where.name}/{name.name}"
    return f"{path}:{name.tag}"


async def submitted(joint: Joined, name: ImageName) -> str:
    """Send a source and begin to build it; return the build."""
    builds, deploying = joint.deploying.builds, joint.deploying
    bucket = await builds.staging(PROJECT, REGION)
    await deploying.buckets.put(bucket, "source.tgz", archive(Dockerfile__cpu=DOCKERFILE))
    return await builds.submit(PROJECT, REGION, f"gs://{bucket}/source.tgz", WISH, tag_of(name))


async def ended(joint: Joined, build: str) -> Built:
    """Return how a build ended, once it has."""
    found = await joint.deploying.builds.built(build)
    while found is None:
        found = await joint.deploying.builds.built(build)
    return found


async def built(joint: Joined, name: ImageName) -> str:
    """Build an image, and return its digest."""
    found = await ended(joint, await submitted(joint, name))
    assert found.digest is not None, found.failed
    return found.digest
