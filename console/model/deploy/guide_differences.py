"""What the deployment guide gets wrong or leaves open, one by one, and what is done instead.

Sources: https://cloud.google.com/run/docs/configuring, https://cloud.google.com/run/pricing,
https://cloud.google.com/storage/docs/soft-delete, and what `gcloud` 528 sends and refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from console.model.deploy.defaults import CPU_CONCURRENCY, CPU_TIMEOUT, READY
from console.model.deploy.differences import DEFAULT_CONCURRENCY, DEFAULT_TIMEOUT
from console.model.deploy.step import Subject
from console.model.deploy.wish import LABEL, Variant


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
        "takes the project from gcloud config, set or not",
        "names the project in every command, and goes nowhere without one",
        "without a project gcloud prints nothing, and names that are made of it are wrong",
    ),
    Difference(
        "bucket-name",
        Subject.BUCKET,
        "calls the bucket z-image-models",
        "calls it PROJECT-z-image-models unless told otherwise",
        "everybody on Google Cloud shares the names of buckets, and who comes second is refused",
        Aspect.BUCKET,
    ),
    Difference(
        "bucket-settings",
        Subject.BUCKET,
        "says where the bucket is, and nothing else",
        "has access for the bucket as a whole, prevents public access, and ends broken uploads",
        "else each file can be opened to everybody by itself, and parts left over are paid for",
    ),
    Difference(
        "upload",
        Subject.MODELS,
        "copies whatever ends in .gguf and .safetensors",
        "looks at the files first, goes on where it stopped, compares checksums, replaces nothing",
        "a set that is not whole shows itself only in a service that does not start",
    ),
    Difference(
        "nearline",
        Subject.MODELS,
        "finds Nearline half as dear, and Standard cheaper only where a service often restarts",
        "keeps the model in Standard",
        "a single start reads all of it, and that costs what Nearline saves in a month",
    ),
)
_IMAGE: Final = (
    Difference(
        "shared-tag",
        Subject.REPOSITORY,
        "pushes the images for CPU and GPU to the one name z-image:latest",
        "keeps them in repositories of their own",
        "whichever is pushed last takes the place of the other",
        Aspect.REPOSITORY,
    ),
    Difference(
        "prune",
        Subject.IMAGE,
        "makes room with docker system prune -a --volumes",
        "never prunes, and removes what this project built if it is asked to",
        "it deletes the images and volumes of everything else on the machine too",
    ),
    Difference(
        "build-context",
        Subject.IMAGE,
        "builds from the whole directory",
        "leaves model files out, and says before how much is sent",
        "models beside the source are gigabytes that every build would send",
    ),
    Difference(
        "cloud-build-file",
        Subject.IMAGE,
        "builds in Cloud Build with --tag",
        "builds with --config, and names the Dockerfile",
        "--tag builds the file that is called Dockerfile, and the guide's is not",
    ),
    Difference(
        "cloud-build-flag",
        Subject.IMAGE,
        "builds in Cloud Build with --dockerfile",
        "builds with --config, and names the Dockerfile",
        "gcloud has no such flag, and stops with unrecognized arguments",
        variants=_ON_GPU,
    ),
    Difference(
        "image-tag",
        Subject.IMAGE,
        "deploys whatever has the tag latest at that moment",
        "deploys the image by its digest",
        "so that it is known what runs, and the same can be had again",
        Aspect.DIGEST,
    ),
)
_SERVICE: Final = (
    Difference(
        "runtime-account",
        Subject.ACCOUNT,
        "runs as the default account of Compute Engine",
        "runs as an account of its own that may read this bucket and nothing else",
        "in many projects the default account may change everything",
        Aspect.ACCOUNT,
    ),
    Difference(
        "mount-over-code",
        Subject.SERVICE,
        "mounts the bucket at /app",
        "mounts it at /models",
        "a mount hides what the image has at that path, which is where many keep their code",
        Aspect.PATH,
    ),
    Difference(
        "mount-writable",
        Subject.SERVICE,
        "mounts the bucket so that it can be written to",
        "mounts it with readonly=true",
        "no service has to write there, and one that is broken into must not",
        Aspect.WRITABLE,
    ),
    Difference(
        "uncapped",
        Subject.SERVICE,
        "sets no --max-instances",
        "sets it, to 1 unless told otherwise",
        "every crowd is paid for, and the quota for GPUs is reckoned by the most there may be",
        Aspect.MOST,
    ),
    Difference(
        "concurrency",
        Subject.SERVICE,
        f"leaves --concurrency at {DEFAULT_CONCURRENCY}",
        f"sets it to 1 on a GPU and to {CPU_CONCURRENCY} on CPU",
        "pictures are made one after the other, and the last of so many would wait in vain",
        Aspect.CONCURRENCY,
    ),
    Difference(
        "timeout",
        Subject.SERVICE,
        f"leaves --timeout at {DEFAULT_TIMEOUT} seconds",
        f"sets it to {CPU_TIMEOUT} on CPU",
        "a start, those who came before, and a picture may take longer together",
        Aspect.TIMEOUT,
    ),
    Difference(
        "startup-probe",
        Subject.SERVICE,
        "lets requests in as soon as the port is open",
        f"asks {READY.path} until the model is loaded, for {READY.patience} seconds at most",
        "the port is open long before, and requests would fail or wait meanwhile",
        Aspect.PROBE,
    ),
    Difference(
        "gpu-quota",
        Subject.SERVICE,
        "leaves zonal redundancy of the GPU on",
        "sets --no-gpu-zonal-redundancy",
        "new projects have quota for GPUs without it only, and with it a GPU costs more",
        Aspect.REDUNDANCY,
        _ON_GPU,
    ),
    Difference(
        "gpu-billing",
        Subject.SERVICE,
        "leaves billing unsaid, and promises that only requests are paid for",
        "sets --no-cpu-throttling, and reckons with billing by instance",
        "a GPU is paid from the start of its instance to its end, up to 10 idle minutes included",
        Aspect.BILLING,
        _ON_GPU,
    ),
    Difference(
        "labels",
        Subject.SERVICE,
        "labels nothing",
        f"labels what it makes {'='.join(LABEL)}",
        "so that it is known again when all is to be removed, and bills can be told apart",
        Aspect.LABELS,
    ),
    Difference(
        "public",
        Subject.ACCESS,
        "lets everybody call the service, with --allow-unauthenticated",
        "lets those call who are named, and nobody else",
        "whoever has the address could spend the project's money",
        Aspect.CALLERS,
    ),
    Difference(
        "cold-start",
        Subject.HEALTH,
        "says that a start takes about a minute",
        "measures every start, and says where its time went",
        "by how files are read it was seen to take from half a minute to more than ten",
    ),
)

DIFFERENCES: Final = (*_BUCKET, *_IMAGE, *_SERVICE)
"""All of them, in the order in which a deployment comes upon them."""
