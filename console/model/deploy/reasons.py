"""Why a service has the settings that the console wants for it, in a sentence each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from console.model.deploy.settings import ProbeKind, ServiceSettings


def why(field: str, wanted: ServiceSettings) -> str:
    """Say why a field of `ServiceSettings` is as it is wanted; empty where that needs no reason."""
    reason = _REASONS.get(field)
    return reason(wanted) if reason else ""


def _image(wanted: ServiceSettings) -> str:
    return "a digest means one image for good, a tag another one tomorrow" * ("@" in wanted.image)


def _shape(wanted: ServiceSettings) -> str:
    return f"the least that Cloud Run takes with an {wanted.gpu}" * (wanted.gpu is not None)


def _redundancy(wanted: ServiceSettings) -> str:
    if wanted.gpu_zonal_redundancy:
        return "a GPU is kept ready in a second zone, at a higher price and of another quota"
    return "new projects have quota for GPUs without it only, and with it a GPU costs more"


def _billing(wanted: ServiceSettings) -> str:
    if not wanted.cpu_always:
        return "only the time is paid in which requests are answered or an instance starts"
    if wanted.gpu:
        return "a GPU is paid as long as its instance lives; Cloud Run has no other way"
    return "the whole life of an instance is paid, whether it is asked for anything or not"


def _boost(wanted: ServiceSettings) -> str:
    return "more processors while it starts" * bool(wanted.cpu_boost)


def _concurrency(wanted: ServiceSettings) -> str:
    if wanted.gpu and wanted.concurrency == 1:
        return "a GPU makes one picture at a time; whoever comes meanwhile waits before it"
    return "pictures are made one after the other, and the page answers meanwhile"


def _timeout(_wanted: ServiceSettings) -> str:
    return "a request may have to wait for a start before its picture is made"


def _least(wanted: ServiceSettings) -> str:
    if not wanted.min_instances:
        return "nothing runs while nobody asks for anything"
    return "so many run and are paid day and night"


def _most(wanted: ServiceSettings) -> str:
    number = wanted.max_instances
    each = "instance" if number == 1 else "instances"
    return f"no crowd and no mistake can make it cost more than {number} {each}"


def _account(_wanted: ServiceSettings) -> str:
    return "it may read this bucket and nothing else; the default one may often do far more"


def _probe(wanted: ServiceSettings) -> str:
    probe = wanted.probe
    if probe is None or probe.kind is not ProbeKind.HTTP:
        return ""
    return (
        "requests come once the model is loaded; the port alone is open long before "
        f"({probe.patience} s of patience)"
    )


def _mounts(wanted: ServiceSettings) -> str:
    if any(not each.read_only for each in wanted.mounts):
        return ""
    return "beside the image's own files instead of over them, and nothing can change the model"


def _labels(_wanted: ServiceSettings) -> str:
    return "so that the console knows it as its own, and bills can be told apart"


_REASONS: Final[dict[str, Callable[[ServiceSettings], str]]] = {
    "image": _image,
    "cpu": _shape,
    "memory": _shape,
    "gpu_zonal_redundancy": _redundancy,
    "cpu_always": _billing,
    "cpu_boost": _boost,
    "concurrency": _concurrency,
    "timeout": _timeout,
    "min_instances": _least,
    "max_instances": _most,
    "service_account": _account,
    "probe": _probe,
    "mounts": _mounts,
    "labels": _labels,
}
