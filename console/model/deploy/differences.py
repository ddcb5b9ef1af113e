"""What would change about a service, setting by setting, and why.

What means the same is no change: `4` and `4000m`, a tag and the digest that Cloud Run made of it,
a default of the platform and its being left out. What is not asked for is none either: None leaves
a setting as it is, and so do variables, secrets and labels of other names. Source of the defaults:
https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeVar

from console.language import tr, tr_later
from console.model.cost.compute_cost import quantity
from console.model.deploy import shown_settings as shown
from console.model.deploy.reasons import why
from console.model.deploy.settings import Mount, Probe, ProbeKind, Secret, ServiceSettings
from console.model.deploy.step import Change

T = TypeVar("T")

DEFAULT_TIMEOUT: Final = 300
DEFAULT_CONCURRENCY: Final = 80
_NONE_IS_NONE: Final = frozenset({"gpu", "manual_instances"})
"""What None means something of: no GPU, and as many instances as are needed."""

_BY_REST: Final = frozenset({"cpu_always", "concurrency", "second_generation"})
"""Fields whose default, where nobody says anything, depends on other settings."""

_DEFAULT_PROBE: Final = (ProbeKind.TCP, 240, 240, 1, 0)
_DEFAULT_ACCOUNT: Final = re.compile(r"\d+-compute@developer\.gserviceaccount\.com")


def changes(observed: ServiceSettings | None, wanted: ServiceSettings) -> tuple[Change, ...]:
    """Return what has to change; `observed` None means that there is no service yet."""
    return tuple(change for _, change in changed_fields(observed, wanted))


def changed_fields(
    observed: ServiceSettings | None, wanted: ServiceSettings
) -> Iterator[tuple[str, Change]]:
    """Yield what has to change, each with the field of `ServiceSettings` that it is of."""
    for field, label, show, plain in _PLAIN:
        now = None if observed is None else plain(_with_rest(field, observed, wanted))
        then = plain(wanted)
        if _unsaid(field, observed, wanted):
            continue
        if observed is None or not _same(field, now, then):
            before = shown.NONE if observed is None else show(getattr(observed, field))
            after = show(getattr(wanted, field))
            yield field, Change(tr(label), before, after, why(field, wanted))
    yield from _named_changes(observed, wanted)


def _with_rest(field: str, observed: ServiceSettings, wanted: ServiceSettings) -> ServiceSettings:
    """Return observed settings so that what they leave unsaid is judged by what there will be."""
    if field not in _BY_REST:
        return observed
    return replace(observed, cpu=wanted.cpu, gpu=wanted.gpu, mounts=wanted.mounts)


def _unsaid(field: str, observed: ServiceSettings | None, wanted: ServiceSettings) -> bool:
    """Whether the wanted settings do not speak of a field, or of what there will be none."""
    if field == "gpu_zonal_redundancy" and wanted.gpu is None and observed is not None:
        return True
    nothing = field in _NONE_IS_NONE and observed is not None
    return not nothing and getattr(wanted, field) in (None, "")


def _named_changes(
    observed: ServiceSettings | None, wanted: ServiceSettings
) -> Iterator[tuple[str, Change]]:
    """Yield the changes of what there may be several of, each by its name."""
    mounts = {each.path: each for each in observed.mounts} if observed else {}
    new_mounts = {each.path: each for each in wanted.mounts}
    for path in dict.fromkeys((*mounts, *new_mounts)):
        before, after = mounts.get(path), new_mounts.get(path)
        if not _same_mount(before, after):
            reason = why("mounts", wanted) if after else tr("nothing of it is asked for any more")
            change = Change(
                tr("mount at {path}", path=shown.words(path)),
                shown.mount(before),
                shown.mount(after),
                reason,
            )
            yield "mounts", change
    variables = dict(observed.variables) if observed else {}
    for name, value in wanted.variables:
        if variables.get(name) != value:
            old, new = shown.variable(name, variables.get(name)), shown.variable(name, value)
            yield "variables", Change(tr("variable {name}", name=shown.words(name)), old, new)
    secrets = {each.variable: each for each in observed.secrets} if observed else {}
    for each in wanted.secrets:
        if secrets.get(each.variable) != each:
            old, new = _secret(secrets.get(each.variable)), _secret(each)
            yield (
                "secrets",
                Change(tr("secret {variable}", variable=shown.words(each.variable)), old, new),
            )
    labels = dict(observed.labels) if observed else {}
    for name, value in wanted.labels:
        if labels.get(name) != value:
            reason = why("labels", wanted)
            old, new = shown.words(labels.get(name)), shown.words(value)
            yield "labels", Change(tr("label {name}", name=shown.words(name)), old, new, reason)


def _same(field: str, now: object, then: object) -> bool:
    if field == "image":
        return _same_image(str(now), str(then))
    return now == then


def _same_image(now: str, then: str) -> bool:
    """Whether an image is the one that is asked for; a tag may have become a digest."""
    name, _, digest = then.partition("@")
    there, _, resolved = now.partition("@")
    if digest:
        return digest == resolved and _untagged(name) == _untagged(there)
    return name == there or (bool(resolved) and _untagged(name) == there)


def _untagged(name: str) -> str:
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def _same_mount(before: Mount | None, after: Mount | None) -> bool:
    if before is None or after is None:
        return before is after
    return (before.bucket, before.read_only, sorted(before.options)) == (
        *(after.bucket, after.read_only),
        sorted(after.options),
    )


def _secret(secret: Secret | None) -> str:
    return shown.words(
        None
        if secret is None
        else tr("{secret}, version {version}", secret=secret.secret, version=secret.version)
    )


def _cpu(settings: ServiceSettings) -> object:
    return quantity(settings.cpu) or settings.cpu


def _memory(settings: ServiceSettings) -> object:
    return quantity(settings.memory) or settings.memory


def _redundancy(settings: ServiceSettings) -> object:
    """A GPU has it, or would have it, unless it is said that it has not."""
    return settings.gpu_zonal_redundancy is not False


def _billing(settings: ServiceSettings) -> object:
    """Nobody knows what Cloud Run takes a GPU for of which that is not said."""
    unsaid = None if settings.gpu else False
    return unsaid if settings.cpu_always is None else settings.cpu_always


def _concurrency(settings: ServiceSettings) -> object:
    cpus = quantity(settings.cpu)
    unsaid = 1 if cpus is not None and cpus < 1 else DEFAULT_CONCURRENCY
    return settings.concurrency or unsaid


def _generation(settings: ServiceSettings) -> object:
    """Buckets and GPUs are of the second generation, whether that is said or not."""
    if settings.second_generation is None and (settings.mounts or settings.gpu):
        return True
    return settings.second_generation


def _account(settings: ServiceSettings) -> object:
    account = settings.service_account or ""
    return "" if _DEFAULT_ACCOUNT.fullmatch(account) else account


def _probe(settings: ServiceSettings) -> Probe | None:
    """The probe that Cloud Run gives to a new service is none that anybody set."""
    probe = settings.probe
    if probe is None:
        return None
    parts = (probe.kind, probe.period, probe.timeout, probe.failures, probe.delay)
    return None if parts == _DEFAULT_PROBE and probe.port == settings.port else probe


_PLAIN: Final[
    tuple[tuple[str, str, Callable[..., str], Callable[[ServiceSettings], object]], ...]
] = (
    ("image", tr_later("image"), shown.words, lambda each: each.image),
    ("cpu", "vCPU", shown.words, _cpu),
    ("memory", tr_later("memory"), shown.words, _memory),
    ("gpu", "GPU", shown.gpu, lambda each: each.gpu),
    ("gpu_zonal_redundancy", tr_later("zonal redundancy of the GPU"), shown.switch, _redundancy),
    ("cpu_always", tr_later("billing"), shown.billing, _billing),
    ("cpu_boost", tr_later("CPU boost"), shown.switch, lambda each: bool(each.cpu_boost)),
    ("port", tr_later("port"), shown.number, lambda each: each.port),
    ("concurrency", tr_later("requests at once"), shown.number, _concurrency),
    ("timeout", tr_later("timeout"), shown.seconds, lambda each: each.timeout or DEFAULT_TIMEOUT),
    (
        "min_instances",
        tr_later("least instances"),
        shown.number,
        lambda each: each.min_instances or 0,
    ),
    ("max_instances", tr_later("most instances"), shown.number, lambda each: each.max_instances),
    ("manual_instances", tr_later("instances"), shown.by_hand, lambda each: each.manual_instances),
    ("second_generation", tr_later("generation"), shown.generation, _generation),
    ("service_account", tr_later("service account"), shown.words, _account),
    ("probe", tr_later("start-up probe"), shown.probe, _probe),
    ("ingress", tr_later("reached"), shown.ingress, lambda each: each.ingress),
    ("callers_unchecked", tr_later("callers"), shown.callers, lambda each: each.callers_unchecked),
)
