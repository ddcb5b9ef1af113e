"""The commands of the deployment guide as they stand in it, with its variables filled in.

They are shown and compared with, faults included; what the console does instead says `guide`.
"""

from __future__ import annotations

from dataclasses import dataclass

from console.model.deploy.defaults import (
    DOCKERFILES,
    GUIDE_BUCKET,
    GUIDE_PATH,
    GUIDE_REPOSITORY,
    guide_image,
)
from console.model.deploy.step import Subject
from console.model.deploy.wish import ImageWay, Variant
from console.model.service import ServiceName


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One step of the guide: its commands do it, run in a directory with models and source."""

    subject: Subject
    commands: tuple[str, ...]


def guide_steps(
    place: ServiceName,
    variant: Variant,
    way: ImageWay = ImageWay.DOCKER,
    bucket: str = GUIDE_BUCKET,
) -> tuple[GuideStep, ...]:
    """Return what the guide has one do for its option A (CPU) or B (GPU), in its order.

    `bucket` stands in the place of the guide's.
    """
    return (
        GuideStep(Subject.BUCKET, (_bucket(place, bucket),)),
        GuideStep(Subject.MODELS, _models(bucket)),
        GuideStep(Subject.REPOSITORY, _repository(place)),
        GuideStep(Subject.IMAGE, _image(place, variant, way)),
        GuideStep(Subject.SERVICE, (guide_deploy(place, variant, bucket),)),
    )


def guide_deploy(place: ServiceName, variant: Variant, bucket: str = GUIDE_BUCKET) -> str:
    """Return the guide's own command that deploys."""
    gpu = ("--gpu=1", "--gpu-type=nvidia-l4") if variant is Variant.GPU else ()
    return " ".join(
        (
            f"gcloud run deploy {place.service}",
            f"--image={guide_image(place)}",
            f"--region={place.region}",
            "--execution-environment=gen2",
            "--allow-unauthenticated",
            "--port=7860",
            "--memory=16Gi",
            "--cpu=4",
            *gpu,
            f"--add-volume=name=models,type=cloud-storage,bucket={bucket}",
            f"--add-volume-mount=volume=models,mount-path={GUIDE_PATH}",
        )
    )


def _bucket(place: ServiceName, bucket: str) -> str:
    return f"gcloud storage buckets create gs://{bucket} --location={place.region}"


def _models(bucket: str) -> tuple[str, ...]:
    return tuple(
        f"gcloud storage cp *.{ending} gs://{bucket}/" for ending in ("gguf", "safetensors")
    )


def _repository(place: ServiceName) -> tuple[str, ...]:
    return (
        f"gcloud artifacts repositories create {GUIDE_REPOSITORY} --repository-format=docker "
        f"--location={place.region} --description='Z-Image Docker Repository'",
        f"gcloud auth configure-docker {place.region}-docker.pkg.dev",
    )


def _image(place: ServiceName, variant: Variant, way: ImageWay) -> tuple[str, ...]:
    image, file = guide_image(place), DOCKERFILES[variant]
    if way is ImageWay.DOCKER:
        build = f"docker build --platform linux/amd64 -f {file} -t {image} ."
        return (build, f"docker push {image}")
    dockerfile = f"--dockerfile {file} " if variant is Variant.GPU else ""
    return (f"gcloud builds submit --tag {image} {dockerfile}.",)
