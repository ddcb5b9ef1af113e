"""What the deployment guide gets wrong or leaves open, one by one, and what is done instead.

Sources: https://cloud.google.com/run/docs/configuring, https://cloud.google.com/run/pricing,
https://cloud.google.com/storage/docs/soft-delete, and what `gcloud` 528 sends and refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from console.model.deploy.step import Subject
from console.model.deploy.wish import Variant


class Aspect(Enum):
    """In what respect a wish can be told from what the guide's commands ask for."""

    BUCKET = auto()
    REPOSITORY = auto()
    DIGEST = auto()
    ACCOUNT = auto()
    PATH = auto()
    WRITABLE = auto()
    CALLERS = auto()
    MOST = auto()
    CONCURRENCY = auto()
    TIMEOUT = auto()
    PROBE = auto()
    REDUNDANCY = auto()
    BILLING = auto()
    LABELS = auto()


@dataclass(frozen=True, slots=True)
class Difference:
    """What the `guide` does, what the `console` does instead, and `why`; `id` stays for ever.

    `aspect` says by what it can be seen in a wish, None where it holds for every wish.
    """

    id: str
    subject: Subject
    guide: str
    console: str
    why: str
    aspect: Aspect | None = None
    variants: frozenset[Variant] = frozenset(Variant)


_ON_GPU: Final = frozenset({Variant.GPU})

_BUCKET: Final = (
    Difference(
        "project-unset",
        Subject.APIS,
        "takes the project from gcloud, set or not",
        "names the project in every command, and goes nowhere without one",
        "without a project gcloud prints nothing, and every name made of it is wrong",
    ),
    Difference(
        "bucket-name",
        Subject.BUCKET,
        "calls the bucket z-image-models",
        "calls it PROJECT-z-image-models",
        "names of buckets are shared by everybody on Google Cloud, and this one is taken",
        Aspect.BUCKET,
    ),
    Difference(
        "bucket-settings",
        Subject.BUCKET,
        "says where the bucket is, and nothing else",
        "sets uniform access, prevents public access, says for how long deleted files are kept",
        "else what is deleted or sent again is paid for a week more",
    ),
    Difference(
        "upload",
        Subject.MODELS,
        "copies whatever ends in .gguf and .safetensors",
        "looks at the files first, goes on where it stopped, compares checksums, replaces nothing",
        "a set that is not whole, or torn on the way, is found out by a service that cannot start",
    ),
)
_IMAGE: Final = (
    Difference(
        "prune",
        Subject.IMAGE,
        "makes room by docker system prune -a --volumes",
        "never prunes, and offers to remove what this project itself built",
        "it deletes images and volumes of everything else on the machine, and data with them",
    ),
    Difference(
        "shared-tag",
        Subject.REPOSITORY,
        "keeps the images for CPU and GPU under the one name z-image:latest",
        "keeps them in repositories of their own",
        "whichever is pushed last takes the place of the other",
        Aspect.REPOSITORY,
    ),
    Difference(
        "image-tag",
        Subject.IMAGE,
        "deploys whatever has the tag at that moment",
        "deploys the image by its digest",
        "a digest means the same image tomorrow, so that what runs is known and can be had again",
        Aspect.DIGEST,
    ),
    Difference(
        "build-context",
        Subject.IMAGE,
        "builds from the whole directory",
        "leaves model files out, and says first how much is sent",
        "models that lie beside the source are gigabytes that every build would send",
    ),
    Difference(
        "cloud-build-file",
        Subject.IMAGE,
        "builds in the cloud by --tag",
        "builds by --config with the Dockerfile that is meant",
        "--tag builds the file called Dockerfile, which is not the one of the guide",
    ),
    Difference(
        "cloud-build-flag",
        Subject.IMAGE,
        "builds the GPU image by --dockerfile",
        "builds by --config with the Dockerfile that is meant",
        "gcloud has no such flag: it says unrecognized arguments and stops",
        variants=_ON_GPU,
    ),
)
_SERVICE: Final = (
    Difference(
        "runtime-account",
        Subject.ACCOUNT,
        "runs as the default account of Compute Engine",
        "runs as an account of its own that may read this bucket",
        "in many projects the default account may change everything",
        Aspect.ACCOUNT,
    ),
    Difference(
        "mount-over-code",
        Subject.SERVICE,
        "mounts the bucket at /app",
        "mounts it at /models",
        "a mount hides what the image has at that path, which is where most keep their code",
        Aspect.PATH,
    ),
    Difference(
        "mount-writable",
        Subject.SERVICE,
        "mounts the bucket so that it can be written to",
        "mounts it read only",
        "a service that is broken into, or in error, could change the models of all others",
        Aspect.WRITABLE,
    ),
    Difference(
        "uncapped",
        Subject.SERVICE,
        "names no most instances",
        "lets there be as many as were asked for, 1 if nobody says",
        "every crowd is paid for; and with a GPU the quota is reckoned by the most there can be",
        Aspect.MOST,
    ),
    Difference(
        "concurrency",
        Subject.SERVICE,
        "lets 80 requests into an instance at once",
        "lets in as many as it can serve in time",
        "pictures are made one after the other, and whoever is last of 80 waits in vain",
        Aspect.CONCURRENCY,
    ),
    Difference(
        "timeout",
        Subject.SERVICE,
        "breaks a request off after 300 seconds",
        "gives it longer where pictures are slow",
        "a start and a picture on processors may take that long together",
        Aspect.TIMEOUT,
    ),
    Difference(
        "startup-probe",
        Subject.SERVICE,
        "sends requests as soon as the port is open",
        "sends them once /readyz says that the model is loaded",
        "the port is open long before, and requests would fail or wait meanwhile",
        Aspect.PROBE,
    ),
    Difference(
        "gpu-quota",
        Subject.QUOTA,
        "leaves zonal redundancy on",
        "switches it off",
        "new projects have quota for GPUs without it alone, and with it a GPU costs more",
        Aspect.REDUNDANCY,
        _ON_GPU,
    ),
    Difference(
        "gpu-billing",
        Subject.SERVICE,
        "does not say how a GPU is paid, and promises to pay for requests only",
        "asks for billing by instance, and reckons with it",
        "a GPU is paid from its start until about ten minutes after the last request",
        Aspect.BILLING,
        _ON_GPU,
    ),
    Difference(
        "labels",
        Subject.SERVICE,
        "labels nothing",
        "labels what it makes",
        "so that it is known again when it is to be removed, and bills can be told apart",
        Aspect.LABELS,
    ),
    Difference(
        "public",
        Subject.ACCESS,
        "lets everybody call the service",
        "lets nobody in but who is named",
        "whoever has the address could spend the project's money",
        Aspect.CALLERS,
    ),
)
_CLAIMS: Final = (
    Difference(
        "cold-start",
        Subject.HEALTH,
        "says that a start takes about a minute",
        "measures each start, and says what it took",
        "starts were seen from half a minute to many, by how the files are read",
    ),
    Difference(
        "nearline",
        Subject.BUCKET,
        "saves half of the storage by Nearline, or perhaps not",
        "keeps models in Standard",
        "one start reads all files, and that one reading costs what Nearline saves in a month",
    ),
)

DIFFERENCES: Final = (*_BUCKET, *_IMAGE, *_SERVICE, *_CLAIMS)
