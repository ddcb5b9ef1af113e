"""Worlds in which one thing is wrong, each with what is refused for it."""

from collections.abc import Callable
from dataclasses import replace

from plan_world import (
    DIGEST,
    PlanWorld,
    safe_bucket,
)

from console.model.cost.prices import Gpu
from console.model.deploy.defaults import cpu_wish, gpu_wish
from console.model.deploy.observed import BuilderSeen, ImageSeen
from console.model.deploy.settings import Mount, Probe, ProbeKind
from console.model.deploy.step import Subject
from console.model.deploy.wish import DeployWish, Visibility
from console.model.models.parts import ModelPart
from console.model.service import ServiceName
from console.model.text import SafeText

PLACE = ServiceName("art-shop", "us-central1", "z-image")
CPU = cpu_wish(PLACE, models="models")
GPU = gpu_wish(PLACE, models="models")
BUCKET = "art-shop-z-image-models"
L4 = "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion"
RTX = "NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion"
GIB = 1 << 30


def at(wish: DeployWish, region: str) -> DeployWish:
    return replace(wish, place=replace(wish.place, region=region))


def having(wish: DeployWish, **settings: object) -> DeployWish:
    return replace(wish, settings=replace(wish.settings, **settings))


def built_in(name: str, architecture: str = "amd64") -> ImageSeen:
    return ImageSeen(name=f"{name}@{DIGEST}", architecture=architecture, bytes=1)


def given(name: str) -> DeployWish:
    return cpu_wish(PLACE, models="models", given=name)


def set_model(world: PlanWorld, transformer: int) -> None:
    name, _ = world.sizes[ModelPart.TRANSFORMER]
    world.sizes[ModelPart.TRANSFORMER] = (name, transformer)


ELSEWHERE = "us-central1-docker.pkg.dev/art-shop/other/pictures:1"

Refused = tuple[DeployWish, Callable[[PlanWorld], object], Subject, str, str]
REFUSED: dict[str, Refused] = {
    "billing is off": (
        CPU,
        lambda world: setattr(world, "billing", False),
        Subject.APIS,
        "nobody pays for art-shop",
        "gcloud billing projects link art-shop --billing-account=ACCOUNT_ID",
    ),
    "a permission is lacking": (
        CPU,
        lambda world: setattr(world, "lacking", frozenset({"run.services.create"})),
        Subject.SERVICE,
        "lacks run.services.create in art-shop",
        "--role=roles/run.admin",
    ),
    "no such GPU in the region": (
        at(GPU, "europe-west3"),
        lambda world: None,
        Subject.QUOTA,
        "offers no nvidia-l4 in europe-west3, but in asia-southeast1",
        "--region",
    ),
    "a quota of zero": (
        GPU,
        lambda world: world.quotas.update({L4: 0}),
        Subject.QUOTA,
        f"{L4} allows 0 GPUs of 1 GPU",
        f"--quota-id={L4} --preferred-value=1 ",
    ),
    "no quota at all": (
        GPU,
        lambda world: world.quotas.update({L4: None}),
        Subject.QUOTA,
        "allows none of 1 GPU",
        "gcloud beta quotas preferences create",
    ),
    "a quota in thousandths": (
        gpu_wish(PLACE, gpu=Gpu.RTX_PRO_6000, models="models", max_instances=2),
        lambda world: world.quotas.update({RTX: 1_000}),
        Subject.QUOTA,
        "allows 1 GPU of 2 GPUs",
        "--max-instances 1, or ask for more: gcloud beta quotas preferences create "
        f"--service=run.googleapis.com --quota-id={RTX} --preferred-value=2000",
    ),
    "too little memory for so many": (
        cpu_wish(PLACE, models="models", max_instances=3),
        lambda world: world.quotas.update({"MemAllocPerProjectRegion": 40 * GIB}),
        Subject.QUOTA,
        "allows 40 GiB of 48 GiB",
        "--max-instances 2",
    ),
    "a bucket of somebody else": (
        CPU,
        lambda world: (
            setattr(world, "bucket", safe_bucket(BUCKET, "")),
            setattr(world, "ours", False),
        ),
        Subject.BUCKET,
        f"the name gs://{BUCKET} is taken",
        f"--bucket, such as {BUCKET}-2",
    ),
    "a bucket far away": (
        CPU,
        lambda world: setattr(world, "bucket", safe_bucket(BUCKET, "europe-west4")),
        Subject.BUCKET,
        "is in europe-west4 and the service in us-central1: every start would fetch 7.8 GB",
        "--region europe-west4",
    ),
    "a bucket's name that cannot be": (
        replace(CPU, bucket="Models!"),
        lambda world: None,
        Subject.BUCKET,
        "no bucket can be called 'Models!'",
        BUCKET,
    ),
    "a service's name that is too long": (
        replace(CPU, place=replace(PLACE, service="z" * 50)),
        lambda world: None,
        Subject.SERVICE,
        "at most 49",
        "z-image",
    ),
    "an account's name that is too short": (
        replace(CPU, account="zim"),
        lambda world: None,
        Subject.ACCOUNT,
        "6 to 30",
        "zimage-runtime",
    ),
    "a repository's name that cannot be": (
        replace(CPU, image=replace(CPU.image, repository="Z_Image")),
        lambda world: None,
        Subject.REPOSITORY,
        "at most 63",
        "z-image-cpu",
    ),
    "files that are no whole model": (
        CPU,
        lambda world: setattr(world, "problem", "there is no text encoder"),
        Subject.MODELS,
        "models has no whole model: there is no text encoder",
        "zimage-console models pull DIR",
    ),
    "no model anywhere": (
        replace(CPU, models=None),
        lambda world: setattr(world, "bucket", safe_bucket(BUCKET, "us-central1")),
        Subject.MODELS,
        f"gs://{BUCKET} has no whole model",
        "--models DIR",
    ),
    "a model larger than the memory": (
        CPU,
        lambda world: set_model(world, 12 * GIB),
        Subject.MODELS,
        "--memory 16Gi has room for 17.2 GB",
        "--cpus 6 --memory 19Gi, or a smaller quantisation",
    ),
    "a model larger than an L4": (
        GPU,
        lambda world: set_model(world, 20 * GIB),
        Subject.MODELS,
        "the memory of an nvidia-l4 has room for 23.6 GB",
        "a smaller quantisation",
    ),
    "no Docker": (
        CPU,
        lambda world: setattr(world, "builder", None),
        Subject.IMAGE,
        "no Docker answers",
        "--build cloud",
    ),
    "no room for a build": (
        GPU,
        lambda world: setattr(
            world, "builder", BuilderSeen(version=SafeText("27"), room=19_999_999_999)
        ),
        Subject.IMAGE,
        "takes about 20.0 GB where Docker keeps images",
        "--build cloud",
    ),
    "nothing to build from": (
        CPU,
        lambda world: setattr(world, "source", None),
        Subject.IMAGE,
        ". has no Dockerfile.optimized",
        "--source",
    ),
    "an image that is not there": (
        given(ELSEWHERE),
        lambda world: None,
        Subject.IMAGE,
        f"there is no image {ELSEWHERE}",
        "gcloud artifacts docker images list",
    ),
    "an image for other processors": (
        given(ELSEWHERE),
        lambda world: world.images.update({ELSEWHERE: built_in(ELSEWHERE, "arm64")}),
        Subject.IMAGE,
        "is for arm64, and Cloud Run runs linux/amd64",
        "--build cloud",
    ),
    "memory that does not go with the processors": (
        having(CPU, cpu="2"),
        lambda world: None,
        Subject.SERVICE,
        "2 vCPU go with 512 MiB to 8 GiB",
        "4 vCPU",
    ),
    "too little beside a GPU": (
        having(GPU, cpu="2", memory="8Gi"),
        lambda world: None,
        Subject.SERVICE,
        "goes with at least 4 vCPU and 16 GiB",
        "ask for 4 vCPU and 16Gi",
    ),
    "a probe that asks faster than it waits": (
        having(CPU, probe=Probe(kind=ProbeKind.HTTP, path="/readyz", period=5, timeout=10)),
        lambda world: None,
        Subject.SERVICE,
        "asked each 5 s cannot wait 10 s",
        "less often",
    ),
    "a mount nowhere": (
        having(CPU, mounts=(Mount(bucket=BUCKET, path="models"),)),
        lambda world: None,
        Subject.SERVICE,
        "nothing can be mounted at 'models'",
        "/models",
    ),
    "a secret by its name": (
        having(CPU, variables=(("ZIMAGE_API_KEY", "open-sesame"),)),
        lambda world: None,
        Subject.SERVICE,
        "the variable ZIMAGE_API_KEY looks like a secret",
        "--secret ZIMAGE_API_KEY=zimage-api-key",
    ),
    "a secret by its value": (
        having(CPU, variables=(("HUB", "hf_" + "x" * 30),)),
        lambda world: None,
        Subject.SERVICE,
        "the variable HUB looks like a secret",
        "gcloud secrets create hub",
    ),
    "private but unchecked": (
        having(CPU, callers_unchecked=True),
        lambda world: None,
        Subject.ACCESS,
        "to be private, but its callers would not be checked",
        "--public",
    ),
    "everybody as a caller": (
        replace(CPU, callers=("allUsers",)),
        lambda world: None,
        Subject.ACCESS,
        "allUsers is everybody",
        "--public",
    ),
    "a caller that is nobody": (
        replace(CPU, callers=("ada",)),
        lambda world: None,
        Subject.ACCESS,
        "'ada' is nobody",
        "user:NAME@DOMAIN",
    ),
    "public without a limit": (
        replace(having(CPU, max_instances=None), visibility=Visibility.PUBLIC),
        lambda world: None,
        Subject.ACCESS,
        "no limit of instances",
        "--max-instances 1",
    ),
}
