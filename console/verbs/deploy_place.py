"""Which service the verbs of a deployment are about, and what is wanted of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from console.config import Config
from console.contexts.opening import service_of
from console.language import tr
from console.model.contexts import in_sandbox
from console.model.cost.prices import Gpu
from console.model.deploy.choices import Choices
from console.model.deploy.defaults import SERVICES
from console.model.deploy.wish import ImageWay, Variant
from console.model.service import ServiceName
from console.sources.gcloud_settings import gcloud_settings
from console.sources.tools import BUNDLED

REGION: Final = "us-central1"
NO_PROJECT: Final = "my-project"
"""What stands for a project as long as none is known, so that a plan can be read before."""

_WAYS: Final = {"docker": ImageWay.DOCKER, "cloud": ImageWay.CLOUD_BUILD}
_NOTHING: Final[tuple[object, ...]] = (None, "", [])
_NOT_IN_GUIDE: Final = (
    *("gpu_type", "cpus", "memory", "min_instances", "max_instances", "concurrency", "timeout"),
    *("image", "env", "secret", "caller", "dockerfile", "build_machine", "build_disk"),
    "build_timeout",
)
_OF_CLOUD: Final = ("build_machine", "build_disk", "build_timeout")
_OF_A_BUILD: Final = ("build", "source", "dockerfile", *_OF_CLOUD)
_GPUS: Final = {"l4": Gpu.L4, "rtx-pro-6000": Gpu.RTX_PRO_6000}


@dataclass(frozen=True, slots=True)
class Where:
    """A service; `made_up` says that its project is not known, and a name stands for it."""

    place: ServiceName
    made_up: bool = False


def where(
    config: Config,
    arguments: Mapping[str, object],
    environment: Mapping[str, str],
    variant: Variant = Variant.CPU,
) -> Where:
    """Return the service that is meant; raises `ValueError` for a name that cannot be one.

    What neither flags nor context say is what `gcloud` is set to.
    """
    known = service_of(config.context)
    gcloud = gcloud_settings(environment)
    project = str(
        arguments.get("project")
        or (known.project if known else "")
        or environment.get("GOOGLE_CLOUD_PROJECT")
        or gcloud.project
        or ""
    )
    region = arguments.get("region") or (known.region if known else gcloud.region) or REGION
    service = arguments.get("service") or (known.service if known else SERVICES[variant])
    text = f"{project or NO_PROJECT}/{region}/{service}"
    return Where(ServiceName.parse(text), made_up=not project)


def choices_of(
    config: Config, arguments: Mapping[str, object], source: str, way: ImageWay
) -> Choices:
    """Return what the command line of `deploy` says.

    `source` is what an image is built from, and `way` by what, unless the command line says that.
    In the sandbox the bundled model is deployed if no other is named. Raises `ValueError` for what
    contradicts itself.
    """
    sandbox = in_sandbox(config.context)
    on_gpu = arguments["gpu"] is True or arguments["gpu_type"] is not None
    if on_gpu and arguments["cpu"] is True:
        raise ValueError(tr("--cpu and --gpu-type contradict each other; leave one of them out"))
    if arguments["image"] and any(arguments[each] is not None for each in _OF_A_BUILD):
        raise ValueError(tr("--image is a finished one: leave out how it is built"))
    if arguments["build"] == "docker" and any(arguments[each] is not None for each in _OF_CLOUD):
        raise ValueError(tr("--build docker has no machine of Cloud Build: leave out --build-*"))
    _hold_to_guide(arguments)
    models = arguments.get("models") or (str(BUNDLED) if sandbox else None)
    counted = ("concurrency", "timeout", "min_instances", "max_instances")
    said: dict[str, Any] = {
        "variant": Variant.GPU if on_gpu else Variant.CPU,
        "gpu": _GPUS[str(arguments["gpu_type"] or "l4")],
        "bucket": str(arguments["bucket"]).removeprefix("gs://").rstrip("/"),
        "models": None if models is None else str(Path(str(models)).expanduser().absolute()),
        "image": arguments["image"] or "",
        "way": _WAYS.get(str(arguments["build"]), way),
        "source": source,
        "dockerfile": arguments["dockerfile"] or "",
        "machine": str(arguments["build_machine"] or "").upper().replace("-", "_"),
        "disk": arguments["build_disk"],
        "build_timeout": arguments["build_timeout"],
        "cpu": arguments["cpus"] or "",
        "memory": arguments["memory"] or "",
        "public": arguments["public"] is True,
        "callers": _several(arguments["caller"]),
        "variables": _several(arguments["env"]),
        "secrets": _several(arguments["secret"]),
        "as_in_guide": arguments["as_in_guide"] is True,
        **{name: arguments[name] for name in counted},
    }
    return Choices(**said)


def _hold_to_guide(arguments: Mapping[str, object]) -> None:
    """Raise `ValueError` for what would say something else than the guide."""
    other = [
        f"--{name.replace('_', '-')}" for name in _NOT_IN_GUIDE if arguments[name] not in _NOTHING
    ]
    if arguments["as_in_guide"] is True and other:
        raise ValueError(
            tr(
                "--as-in-guide asks for what the guide has: leave out {names}",
                names=tr(" and ").join(other),
            )
        )


def _several(said: object) -> tuple[object, ...]:
    return tuple(said) if isinstance(said, list) else ()
