"""What is deployed where nobody says otherwise: the safe settings, and those of the guide.

Why each differs from the guide's is in `guide`. Sources: https://cloud.google.com/run/docs/configuring
and https://cloud.google.com/run/docs/configuring/services/gpu.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from console.model.cost.prices import Gpu
from console.model.deploy.settings import (
    ENGINE_PORT,
    Mount,
    Probe,
    ProbeKind,
    ServiceSettings,
)
from console.model.deploy.wish import LABEL, DeployWish, ImageWay, ImageWish, Variant, Visibility
from console.model.image_name import ImageName, Repository
from console.model.models.bucket_name import usual_bucket
from console.model.service import ServiceName

SERVICES: Final = {Variant.CPU: "z-image", Variant.GPU: "z-image-gpu"}
REPOSITORIES: Final = {Variant.CPU: "z-image-cpu", Variant.GPU: "z-image-gpu"}
DOCKERFILES: Final = {Variant.CPU: "Dockerfile.optimized", Variant.GPU: "Dockerfile.gpu"}
IMAGE: Final = "z-image"
ACCOUNT: Final = "zimage-runtime"
ACCOUNT_TITLE: Final = "Z-Image runtime (made by zimage-console)"
MODELS_PATH: Final = "/models"

GUIDE_BUCKET: Final = "z-image-models"
GUIDE_REPOSITORY: Final = "z-image-repo"
GUIDE_PATH: Final = "/app"
GUIDE_TAG: Final = "latest"

CPU_CONCURRENCY: Final = 4
"""The engine makes one picture after the other and tells those who wait how far it is.

Three pictures of 200 seconds, which is slow for 512×512 on four processors, come out within the
600 seconds after which the engine gives a request up; the fourth place is for whoever looks at the
page or asks how the service is while pictures are made.
"""

CPU_TIMEOUT: Final = 900
"""Seconds for a request: the 600 of the engine, and a cold start before."""

GPU_TIMEOUT: Final = 300
"""Seconds for a request: a picture takes a few, so that most are for a cold start before."""

READY: Final = Probe(kind=ProbeKind.HTTP, path="/readyz", period=10, timeout=5, failures=60)
"""Up to 600 seconds for the model to be usable: 8 GB at 13 MB/s, slower than a mount was seen.

Where Cloud Run's documents speak of the product of period and failures, they allow 600 seconds, and
1800 with a GPU; each number by itself is below 240, which older ones name.
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """What an instance gets: vCPUs and memory as Kubernetes writes them, and a GPU or none."""

    cpu: str
    memory: str
    gpu: Gpu | None = None


ON_CPU: Final = Shape("4", "16Gi")
ON_GPU: Final = {
    Gpu.L4: Shape("4", "16Gi", Gpu.L4),
    Gpu.RTX_PRO_6000: Shape("20", "80Gi", Gpu.RTX_PRO_6000),
}
"""The least that Cloud Run takes for each GPU."""


def cpu_wish(
    place: ServiceName,
    *,
    bucket: str = "",
    models: str | None = None,
    way: ImageWay = ImageWay.DOCKER,
    given: str = "",
    context: str = ".",
    max_instances: int = 1,
) -> DeployWish:
    """Return a safe deployment on processors.

    An empty `bucket` means the usual one of the project, `given` the name of an image that there
    is already, `context` the directory that an image is built from.
    """
    settings = _settings(place, ON_CPU, bucket, max_instances, CPU_CONCURRENCY, CPU_TIMEOUT)
    image = _image(Variant.CPU, way, given, context)
    return _wish(place, Variant.CPU, settings, image, models)


def gpu_wish(
    place: ServiceName,
    *,
    gpu: Gpu = Gpu.L4,
    bucket: str = "",
    models: str | None = None,
    way: ImageWay = ImageWay.DOCKER,
    given: str = "",
    context: str = ".",
    max_instances: int = 1,
) -> DeployWish:
    """Return a safe deployment on a GPU; what is left out means the same as for `cpu_wish`."""
    settings = _settings(place, ON_GPU[gpu], bucket, max_instances, 1, GPU_TIMEOUT)
    image = _image(Variant.GPU, way, given, context)
    return _wish(place, Variant.GPU, settings, image, models)


def guide_wish(
    place: ServiceName,
    variant: Variant,
    *,
    models: str | None = None,
    context: str = ".",
    bucket: str = "",
    way: ImageWay = ImageWay.DOCKER,
) -> DeployWish:
    """Return what the guide's own commands ask for, with all that they leave to the platform.

    `bucket` is one in the place of the guide's, whose name can be had by nobody but its owner.
    `gcloud` asks for the boost of processors by itself for a service that is new.
    """
    shape = ON_CPU if variant is Variant.CPU else ON_GPU[Gpu.L4]
    image = guide_image(place)
    settings = ServiceSettings(
        image=image,
        cpu=shape.cpu,
        memory=shape.memory,
        gpu=shape.gpu,
        cpu_boost=True,
        port=ENGINE_PORT,
        second_generation=True,
        mounts=(Mount(bucket=bucket or GUIDE_BUCKET, path=GUIDE_PATH, read_only=False),),
    )
    return DeployWish(
        place=place,
        variant=variant,
        settings=settings,
        image=ImageWish(
            way=way,
            repository=GUIDE_REPOSITORY,
            name=IMAGE,
            dockerfile=DOCKERFILES[variant],
            context=context,
            tag=GUIDE_TAG,
        ),
        bucket=bucket or GUIDE_BUCKET,
        models=models,
        account="",
        visibility=Visibility.PUBLIC,
        as_in_guide=True,
    )


def guide_image(place: ServiceName) -> str:
    """Return the name that the guide gives to its image, whatever it is built for."""
    repository = Repository(place.project, place.region, GUIDE_REPOSITORY)
    return ImageName(repository, IMAGE, GUIDE_TAG).text


def _settings(
    place: ServiceName,
    shape: Shape,
    bucket: str,
    max_instances: int,
    concurrency: int,
    timeout: int,
) -> ServiceSettings:
    on_gpu = shape.gpu is not None
    mount = Mount(bucket=bucket or usual_bucket(place.project), path=MODELS_PATH)
    return ServiceSettings(
        image="",
        cpu=shape.cpu,
        memory=shape.memory,
        gpu=shape.gpu,
        gpu_zonal_redundancy=False if on_gpu else None,
        cpu_always=on_gpu,
        cpu_boost=True,
        concurrency=concurrency,
        timeout=timeout,
        min_instances=0,
        max_instances=max_instances,
        probe=READY,
        mounts=(mount,),
        labels=(LABEL,),
    )


def _image(variant: Variant, way: ImageWay, given: str, context: str) -> ImageWish:
    return ImageWish(
        way=ImageWay.GIVEN if given else way,
        repository=REPOSITORIES[variant],
        name=IMAGE,
        dockerfile=DOCKERFILES[variant],
        context=context,
        given=given,
    )


def _wish(
    place: ServiceName,
    variant: Variant,
    settings: ServiceSettings,
    image: ImageWish,
    models: str | None,
) -> DeployWish:
    wish = DeployWish(
        place=place,
        variant=variant,
        settings=settings,
        image=image,
        bucket=settings.mounts[0].bucket,
        models=models,
        account=ACCOUNT,
    )
    return replace(wish, settings=replace(settings, service_account=wish.account_email))
