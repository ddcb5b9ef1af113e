"""What does the same by hand, as a shell takes it: all but the service itself.

Whoever makes something with one of these does it as the console does. The service has its own, in
`service_commands`. Source: https://cloud.google.com/sdk/gcloud/reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from console.model.deploy.shell_words import line
from console.model.deploy.wish import LABEL, ImageWish
from console.model.image_name import ImageName, Repository

READER_ROLE: Final = "roles/storage.objectViewer"
BUILD_FILE: Final = "cloudbuild.yaml"
PLATFORM: Final = "linux/amd64"


def enable_apis(project: str, apis: Iterable[str]) -> str:
    """Switch interfaces of a project on."""
    return _gcloud("services", "enable", *sorted(apis), f"--project={project}")


def create_repository(repository: Repository) -> str:
    """Make a repository of Docker images that is known as the console's."""
    return _gcloud(
        *("artifacts", "repositories", "create", repository.name, "--repository-format=docker"),
        *(f"--location={repository.location}", f"--labels={'='.join(LABEL)}"),
        f"--project={repository.project}",
    )


def delete_repository(repository: Repository) -> str:
    """Remove a repository with all its images."""
    return _gcloud(
        *("artifacts", "repositories", "delete", repository.name),
        *(f"--location={repository.location}", f"--project={repository.project}"),
    )


def delete_image(image: ImageName) -> str:
    """Remove an image with all its tags."""
    return _gcloud(
        *("artifacts", "docker", "images", "delete", image.text, "--delete-tags"),
        f"--project={image.repository.project}",
    )


def create_account(project: str, name: str, title: str) -> str:
    """Make a service account."""
    return _gcloud(
        *("iam", "service-accounts", "create", name, f"--display-name={title}"),
        f"--project={project}",
    )


def delete_account(project: str, email: str) -> str:
    """Remove a service account, by its address."""
    return _gcloud("iam", "service-accounts", "delete", email, f"--project={project}")


def let_read(bucket: str, email: str) -> str:
    """Let a service account read the objects of a bucket, and nothing else."""
    return _reading("add-iam-policy-binding", bucket, email)


def forbid_reading(bucket: str, email: str) -> str:
    """Take that back."""
    return _reading("remove-iam-policy-binding", bucket, email)


def submit_build(project: str, region: str, wish: ImageWish, tag: str) -> str:
    """Build by Cloud Build what a directory has, and keep the image under the name `tag`.

    The files that `.gcloudignore` names are not sent.
    """
    return _gcloud(
        *("builds", "submit", f"--config={BUILD_FILE}", f"--region={region}"),
        f"--substitutions=_IMAGE={tag},_DOCKERFILE={wish.dockerfile}",
        *(f"--machine-type={wish.machine.lower().replace('_', '-')}", f"--disk-size={wish.disk}"),
        *(f"--timeout={wish.timeout}s", f"--project={project}", wish.context or "."),
    )


def cancel_build(project: str, region: str, build: str) -> str:
    """Break a build of Cloud Build off."""
    return _gcloud("builds", "cancel", build, f"--region={region}", f"--project={project}")


def log_docker_in(location: str) -> str:
    """Let Docker push to Artifact Registry."""
    return _gcloud("auth", "configure-docker", f"{location}-docker.pkg.dev")


def docker_build(wish: ImageWish, tag: str) -> str:
    """Build here, for the processors that Cloud Run has."""
    build = ("docker", "build", "--platform", PLATFORM, "-f", wish.dockerfile, "-t", tag)
    return line((*build, wish.context or "."))


def docker_push(tag: str) -> str:
    """Send an image to its repository."""
    return line(("docker", "push", tag))


def copy_models(paths: Iterable[str], bucket: str) -> str:
    """Send files to the root of a bucket, but none that is there already."""
    return _gcloud("storage", "cp", "--no-clobber", *paths, f"gs://{bucket}/")


def _reading(verb: str, bucket: str, email: str) -> str:
    return _gcloud(
        *("storage", "buckets", verb, f"gs://{bucket}"),
        *(f"--member=serviceAccount:{email}", f"--role={READER_ROLE}"),
    )


def _gcloud(*words: str) -> str:
    return line(("gcloud", *words))
