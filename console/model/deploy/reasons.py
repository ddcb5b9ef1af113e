"""Why a service has the settings that the console wants for it, in a sentence each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from console.language import tr, tr_many
from console.model.deploy.settings import ProbeKind, ServiceSettings


def why(field: str, wanted: ServiceSettings) -> str:
    """Say why a field of `ServiceSettings` is as it is wanted; empty where that needs no reason."""
    reason = _REASONS.get(field)
    return reason(wanted) if reason else ""


def _image(wanted: ServiceSettings) -> str:
    if "@" not in wanted.image:
        return ""
    return tr("a digest means one image for good, a tag another one tomorrow")


def _shape(wanted: ServiceSettings) -> str:
    if wanted.gpu is None:
        return ""
    return tr("the least that Cloud Run takes with an {gpu}", gpu=wanted.gpu)


def _redundancy(wanted: ServiceSettings) -> str:
    if wanted.gpu_zonal_redundancy:
        return tr("a GPU is kept ready in a second zone, at a higher price and of another quota")
    return tr("new projects have quota for GPUs without it only, and with it a GPU costs more")


def _billing(wanted: ServiceSettings) -> str:
    if not wanted.cpu_always:
        return tr("only the time is paid in which requests are answered or an instance starts")
    if wanted.gpu:
        return tr("a GPU is paid as long as its instance lives; Cloud Run has no other way")
    return tr("the whole life of an instance is paid, whether it is asked for anything or not")


def _boost(wanted: ServiceSettings) -> str:
    return tr("more processors while it starts") if wanted.cpu_boost else ""


def _concurrency(wanted: ServiceSettings) -> str:
    if wanted.gpu and wanted.concurrency == 1:
        return tr("a GPU makes one picture at a time; whoever comes meanwhile waits before it")
    return tr("pictures are made one after the other, and the page answers meanwhile")


def _timeout(_wanted: ServiceSettings) -> str:
    return tr("a request may have to wait for a start before its picture is made")


def _least(wanted: ServiceSettings) -> str:
    if not wanted.min_instances:
        return tr("nothing runs while nobody asks for anything")
    return tr("so many run and are paid day and night")


def _most(wanted: ServiceSettings) -> str:
    return tr_many(
        "no crowd and no mistake can make it cost more than {count} instance",
        "no crowd and no mistake can make it cost more than {count} instances",
        wanted.max_instances or 0,
    )


def _account(_wanted: ServiceSettings) -> str:
    return tr("it may read this bucket and nothing else; the default one may often do far more")


def _probe(wanted: ServiceSettings) -> str:
    probe = wanted.probe
    if probe is None or probe.kind is not ProbeKind.HTTP:
        return ""
    return tr(
        "requests come once the model is loaded; the port alone is open long before "
        "({patience} s of patience)",
        patience=probe.patience,
    )


def _mounts(wanted: ServiceSettings) -> str:
    if any(not each.read_only for each in wanted.mounts):
        return ""
    return tr("beside the image's own files instead of over them, and nothing can change the model")


def _labels(_wanted: ServiceSettings) -> str:
    return tr("so that the console knows it as its own, and bills can be told apart")


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
