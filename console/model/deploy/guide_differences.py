"""What the deployment guide gets wrong or leaves open, one by one, and what is done instead.

Sources: https://cloud.google.com/run/docs/configuring, https://cloud.google.com/run/pricing,
https://cloud.google.com/storage/docs/soft-delete, and what `gcloud` 528 sends and refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from console.language import tr, tr_later
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

    `aspect` says by what it can be seen in a wish, None where it holds for every wish. `templates`
    are of the three, in that order, and `values` what is filled into them.
    """

    id: str
    subject: Subject
    templates: tuple[str, str, str]
    aspect: Aspect | None = None
    variants: frozenset[Variant] = frozenset(Variant)
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def guide(self) -> str:
        """What the guide does."""
        return self._said(0)

    @property
    def console(self) -> str:
        """What the console does instead."""
        return self._said(1)

    @property
    def why(self) -> str:
        """Why."""
        return self._said(2)

    def _said(self, which: int) -> str:
        return tr(self.templates[which], **self.values)


_ON_GPU: Final = frozenset({Variant.GPU})

_BUCKET: Final = (
    Difference(
        "project-unset",
        Subject.APIS,
        (
            tr_later("takes the project from gcloud config, set or not"),
            tr_later("names the project in every command, and goes nowhere without one"),
            tr_later(
                "without a project gcloud prints nothing, and names that are made of it are wrong"
            ),
        ),
    ),
    Difference(
        "bucket-name",
        Subject.BUCKET,
        (
            tr_later("calls the bucket z-image-models"),
            tr_later("calls it PROJECT-z-image-models unless told otherwise"),
            tr_later(
                "everybody on Google Cloud shares the names of buckets, and who comes second is "
                "refused"
            ),
        ),
        Aspect.BUCKET,
    ),
    Difference(
        "bucket-settings",
        Subject.BUCKET,
        (
            tr_later("says where the bucket is, and nothing else"),
            tr_later(
                "has access for the bucket as a whole, prevents public access, and ends broken "
                "uploads"
            ),
            tr_later(
                "else each file can be opened to everybody by itself, and parts left over are "
                "paid for"
            ),
        ),
    ),
    Difference(
        "upload",
        Subject.MODELS,
        (
            tr_later("copies whatever ends in .gguf and .safetensors"),
            tr_later(
                "looks at the files first, goes on where it stopped, compares checksums, "
                "replaces nothing"
            ),
            tr_later("a set that is not whole shows itself only in a service that does not start"),
        ),
    ),
    Difference(
        "nearline",
        Subject.MODELS,
        (
            tr_later(
                "finds Nearline half as dear, and Standard cheaper only where a service often "
                "restarts"
            ),
            tr_later("keeps the model in Standard"),
            tr_later(
                "a single start reads all of it, and that costs what Nearline saves in a month"
            ),
        ),
    ),
)
_IMAGE: Final = (
    Difference(
        "shared-tag",
        Subject.REPOSITORY,
        (
            tr_later("pushes the images for CPU and GPU to the one name z-image:latest"),
            tr_later("keeps them in repositories of their own"),
            tr_later("whichever is pushed last takes the place of the other"),
        ),
        Aspect.REPOSITORY,
    ),
    Difference(
        "prune",
        Subject.IMAGE,
        (
            tr_later("makes room with docker system prune -a --volumes"),
            tr_later("never prunes, and removes what this project built if it is asked to"),
            tr_later("it deletes the images and volumes of everything else on the machine too"),
        ),
    ),
    Difference(
        "build-context",
        Subject.IMAGE,
        (
            tr_later("builds from the whole directory"),
            tr_later("leaves model files out, and says before how much is sent"),
            tr_later("models beside the source are gigabytes that every build would send"),
        ),
    ),
    Difference(
        "cloud-build-file",
        Subject.IMAGE,
        (
            tr_later("builds in Cloud Build with --tag"),
            tr_later("builds with --config, and names the Dockerfile"),
            tr_later("--tag builds the file that is called Dockerfile, and the guide's is not"),
        ),
    ),
    Difference(
        "cloud-build-flag",
        Subject.IMAGE,
        (
            tr_later("builds in Cloud Build with --dockerfile"),
            tr_later("builds with --config, and names the Dockerfile"),
            tr_later("gcloud has no such flag, and stops with unrecognized arguments"),
        ),
        variants=_ON_GPU,
    ),
    Difference(
        "image-tag",
        Subject.IMAGE,
        (
            tr_later("deploys whatever has the tag latest at that moment"),
            tr_later("deploys the image by its digest"),
            tr_later("so that it is known what runs, and the same can be had again"),
        ),
        Aspect.DIGEST,
    ),
)
_SERVICE: Final = (
    Difference(
        "runtime-account",
        Subject.ACCOUNT,
        (
            tr_later("runs as the default account of Compute Engine"),
            tr_later("runs as an account of its own that may read this bucket and nothing else"),
            tr_later("in many projects the default account may change everything"),
        ),
        Aspect.ACCOUNT,
    ),
    Difference(
        "mount-over-code",
        Subject.SERVICE,
        (
            tr_later("mounts the bucket at /app"),
            tr_later("mounts it at /models"),
            tr_later(
                "a mount hides what the image has at that path, which is where many keep their code"
            ),
        ),
        Aspect.PATH,
    ),
    Difference(
        "mount-writable",
        Subject.SERVICE,
        (
            tr_later("mounts the bucket so that it can be written to"),
            tr_later("mounts it with readonly=true"),
            tr_later("no service has to write there, and one that is broken into must not"),
        ),
        Aspect.WRITABLE,
    ),
    Difference(
        "uncapped",
        Subject.SERVICE,
        (
            tr_later("sets no --max-instances"),
            tr_later("sets it, to 1 unless told otherwise"),
            tr_later(
                "every crowd is paid for, and the quota for GPUs is reckoned by the most there "
                "may be"
            ),
        ),
        Aspect.MOST,
    ),
    Difference(
        "concurrency",
        Subject.SERVICE,
        (
            tr_later("leaves --concurrency at {default}"),
            tr_later("sets it to 1 on a GPU and to {concurrency} on CPU"),
            tr_later(
                "pictures are made one after the other, and the last of so many would wait in vain"
            ),
        ),
        Aspect.CONCURRENCY,
        values={"default": DEFAULT_CONCURRENCY, "concurrency": CPU_CONCURRENCY},
    ),
    Difference(
        "timeout",
        Subject.SERVICE,
        (
            tr_later("leaves --timeout at {default} seconds"),
            tr_later("sets it to {timeout} on CPU"),
            tr_later("a start, those who came before, and a picture may take longer together"),
        ),
        Aspect.TIMEOUT,
        values={"default": DEFAULT_TIMEOUT, "timeout": CPU_TIMEOUT},
    ),
    Difference(
        "startup-probe",
        Subject.SERVICE,
        (
            tr_later("lets requests in as soon as the port is open"),
            tr_later("asks {path} until the model is loaded, for {patience} seconds at most"),
            tr_later("the port is open long before, and requests would fail or wait meanwhile"),
        ),
        Aspect.PROBE,
        values={"path": READY.path, "patience": READY.patience},
    ),
    Difference(
        "gpu-quota",
        Subject.SERVICE,
        (
            tr_later("leaves zonal redundancy of the GPU on"),
            tr_later("sets --no-gpu-zonal-redundancy"),
            tr_later(
                "new projects have quota for GPUs without it only, and with it a GPU costs more"
            ),
        ),
        Aspect.REDUNDANCY,
        _ON_GPU,
    ),
    Difference(
        "gpu-billing",
        Subject.SERVICE,
        (
            tr_later("leaves billing unsaid, and promises that only requests are paid for"),
            tr_later("sets --no-cpu-throttling, and reckons with billing by instance"),
            tr_later(
                "a GPU is paid from the start of its instance to its end, up to 10 idle minutes "
                "included"
            ),
        ),
        Aspect.BILLING,
        _ON_GPU,
    ),
    Difference(
        "labels",
        Subject.SERVICE,
        (
            tr_later("labels nothing"),
            tr_later("labels what it makes {label}"),
            tr_later(
                "so that it is known again when all is to be removed, and bills can be told apart"
            ),
        ),
        Aspect.LABELS,
        values={"label": "=".join(LABEL)},
    ),
    Difference(
        "public",
        Subject.ACCESS,
        (
            tr_later("lets everybody call the service, with --allow-unauthenticated"),
            tr_later("lets those call who are named, and nobody else"),
            tr_later("whoever has the address could spend the project's money"),
        ),
        Aspect.CALLERS,
    ),
    Difference(
        "cold-start",
        Subject.HEALTH,
        (
            tr_later("says that a start takes about a minute"),
            tr_later("measures every start, and says where its time went"),
            tr_later(
                "by how files are read it was seen to take from half a minute to more than ten"
            ),
        ),
    ),
)

DIFFERENCES: Final = (*_BUCKET, *_IMAGE, *_SERVICE)
"""All of them, in the order in which a deployment comes upon them."""
