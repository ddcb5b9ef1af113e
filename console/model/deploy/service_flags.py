"""Settings of a service as flags of `gcloud run deploy` and `gcloud run services update`.

Every flag is as a shell takes it. Source: https://cloud.google.com/sdk/gcloud/reference/run/deploy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from console.model.deploy.secret_names import WITHHELD, is_secret
from console.model.deploy.service_mounts import volume_names
from console.model.deploy.settings import Ingress, Mount, Probe, ProbeKind, ServiceSettings
from console.model.deploy.shell_words import quoted

_INGRESS: Final = {
    Ingress.ALL: "all",
    Ingress.INTERNAL: "internal",
    Ingress.LOAD_BALANCER: "internal-and-cloud-load-balancing",
}
_PROBES: Final = {
    ProbeKind.HTTP: "httpGet",
    ProbeKind.TCP: "tcpSocket",
    ProbeKind.GRPC: "grpc",
}
_SEPARATORS: Final = ",@|:;#~!%+/"
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def flags_of(settings: ServiceSettings) -> list[str]:
    """Return the flags that make a service with all that the settings speak of."""
    return [flag for field in said_by(settings) for flag in flags_for(field, settings)]


def said_by(settings: ServiceSettings) -> tuple[str, ...]:
    """Return the fields that the settings speak of, in the order of their flags.

    That callers are checked need not be said of a service that is new.
    """
    unsaid = (None, "", (), False)
    silent = {"callers_unchecked"}
    return tuple(
        field
        for field in FIELDS
        if getattr(settings, field) not in unsaid[: 4 if field in silent else 3]
    )


def flags_for(field: str, settings: ServiceSettings) -> list[str]:
    """Return the flags for one field of `ServiceSettings`, said or not."""
    if field == "variables":
        return [_variables(settings)]
    return [quoted(flag) for flag in _FLAGS[field](settings)]


def needs_beta(settings: ServiceSettings, fields: Iterable[str]) -> bool:
    """Whether these fields can be set with `gcloud beta` only, as of version 528.

    Later ones have taken over some of it; what is beta stays there too.
    """
    asked = set(fields)
    options = any(each.options for each in settings.mounts)
    return "manual_instances" in asked or (options and "mounts" in asked)


def unmounting(paths: Iterable[str]) -> list[str]:
    """Return the flags that take what is mounted at these paths away."""
    gone = tuple(paths)
    return [quoted(_listed("--remove-volume-mount", gone))] if gone else []


def _switch(name: str, value: bool | None) -> list[str]:
    return [f"--{name}" if value else f"--no-{name}"]


def _gpu(settings: ServiceSettings) -> list[str]:
    """No GPU is asked for as 0 of them."""
    if settings.gpu is None:
        return ["--gpu=0"]
    return ["--gpu=1", f"--gpu-type={settings.gpu}"]


def _mounts(settings: ServiceSettings) -> Iterator[str]:
    named = list(zip(volume_names(len(settings.mounts)), settings.mounts, strict=True))
    yield from (_listed("--add-volume", _volume(name, mount)) for name, mount in named)
    for name, mount in named:
        yield _listed("--add-volume-mount", (f"volume={name}", f"mount-path={mount.path}"))


def _volume(name: str, mount: Mount) -> Iterator[str]:
    yield from (f"name={name}", "type=cloud-storage", f"bucket={mount.bucket}")
    if mount.read_only:
        yield "readonly=true"
    if mount.options:
        yield f"mount-options={';'.join(mount.options)}"


def _probe(settings: ServiceSettings) -> list[str]:
    probe = settings.probe
    return [] if probe is None else [_listed("--startup-probe", _probe_parts(probe))]


def _probe_parts(probe: Probe) -> Iterator[str]:
    kind = _PROBES[probe.kind]
    if probe.kind is ProbeKind.HTTP:
        yield f"{kind}.path={probe.path or '/'}"
    yield f"{kind}.port={probe.port}"
    if probe.delay:
        yield f"initialDelaySeconds={probe.delay}"
    yield f"timeoutSeconds={probe.timeout}"
    yield f"periodSeconds={probe.period}"
    yield f"failureThreshold={probe.failures}"


def _ingress(settings: ServiceSettings) -> list[str]:
    """No ingress at all can be asked for by the API alone."""
    word = _INGRESS.get(settings.ingress)
    return [] if word is None else [f"--ingress={word}"]


def _variables(settings: ServiceSettings) -> str:
    """A value that looks like a secret is left to a variable of the shell of the same name."""
    pairs = settings.variables
    separator = _separator(f"{name}={value}" for name, value in pairs)
    said = quoted(f"--update-env-vars={_named(separator)}")
    for place, (name, value) in enumerate(pairs):
        secret = value == WITHHELD or is_secret(name, value)
        said += quoted(f"{separator * bool(place)}{name}={'' if secret else value}")
        said += f'"${name}"' if secret and _VARIABLE.fullmatch(name) else ""
    return said


def _secrets(settings: ServiceSettings) -> list[str]:
    named = (f"{each.variable}={each.secret}:{each.version}" for each in settings.secrets)
    return [_listed("--update-secrets", named)]


def _labels(settings: ServiceSettings) -> list[str]:
    return [_listed("--update-labels", map("=".join, settings.labels))]


def _listed(flag: str, parts: Iterable[str]) -> str:
    """Return a flag with a list, whose separator is none of the characters in the list."""
    listed = tuple(parts)
    separator = _separator(listed)
    return f"{flag}={_named(separator)}{separator.join(listed)}"


def _named(separator: str) -> str:
    """Return how a list says what its parts are separated by, as `gcloud topic escaping` has it."""
    return "" if separator == "," else f"^{separator}^"


def _separator(parts: Iterable[str]) -> str:
    every = "".join(parts)
    return next((each for each in _SEPARATORS if each not in every), "<and>")


def _manual(settings: ServiceSettings) -> list[str]:
    manual = settings.manual_instances
    return [f"--scaling={'auto' if manual is None else manual}"]


_FLAGS: Final[dict[str, Callable[[ServiceSettings], Iterable[str]]]] = {
    "image": lambda each: [f"--image={each.image}"],
    "second_generation": lambda each: [
        f"--execution-environment=gen{2 if each.second_generation else 1}"
    ],
    "port": lambda each: [f"--port={each.port}"],
    "memory": lambda each: [f"--memory={each.memory}"],
    "cpu": lambda each: [f"--cpu={each.cpu}"],
    "gpu": _gpu,
    "gpu_zonal_redundancy": lambda each: _switch("gpu-zonal-redundancy", each.gpu_zonal_redundancy),
    "cpu_always": lambda each: _switch("cpu-throttling", not each.cpu_always),
    "cpu_boost": lambda each: _switch("cpu-boost", each.cpu_boost),
    "concurrency": lambda each: [f"--concurrency={each.concurrency}"],
    "timeout": lambda each: [f"--timeout={each.timeout}"],
    "min_instances": lambda each: [f"--min-instances={each.min_instances}"],
    "max_instances": lambda each: [f"--max-instances={each.max_instances}"],
    "manual_instances": _manual,
    "service_account": lambda each: [f"--service-account={each.service_account}"],
    "mounts": _mounts,
    "probe": _probe,
    "variables": lambda each: [_variables(each)],
    "secrets": _secrets,
    "ingress": _ingress,
    "callers_unchecked": lambda each: _switch("invoker-iam-check", not each.callers_unchecked),
    "labels": _labels,
}
FIELDS: Final = tuple(_FLAGS)
"""The fields of `ServiceSettings`, in the order of their flags."""
