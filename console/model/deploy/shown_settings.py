"""Settings of a service as people read them; `–` where nobody says anything."""

from __future__ import annotations

from typing import Final

from console.model.cost.prices import Gpu
from console.model.deploy.secret_names import WITHHELD, is_secret
from console.model.deploy.settings import Ingress, Mount, Probe, ProbeKind

NONE: Final = "–"
_LONGEST: Final = 200
_INGRESS: Final = {
    Ingress.ALL: "from everywhere",
    Ingress.INTERNAL: "from the project's networks",
    Ingress.LOAD_BALANCER: "through a load balancer",
    Ingress.NONE: "from nowhere",
}


def words(value: str | None) -> str:
    """Return a text so that it can be shown in one line, whatever is in it."""
    if value is None:
        return NONE
    seen = value if value.isprintable() else value.encode("unicode_escape").decode()
    return seen if len(seen) <= _LONGEST else f"{seen[:_LONGEST]}…"


def number(value: int | None) -> str:
    """Return a number."""
    return NONE if value is None else str(value)


def seconds(value: int | None) -> str:
    """Return a time."""
    return NONE if value is None else f"{value} s"


def switch(value: bool | None) -> str:
    """Return a yes or no."""
    return NONE if value is None else ("on" if value else "off")


def gpu(value: Gpu | None) -> str:
    """Return the GPU."""
    return "none" if value is None else str(value)


def billing(always: bool | None) -> str:
    """Return how it is paid for."""
    return NONE if always is None else ("by instance" if always else "by request")


def by_hand(value: int | None) -> str:
    """Return how many instances there are."""
    return "as many as needed" if value is None else f"{value} by hand"


def generation(second: bool | None) -> str:
    """Return which execution environment it is."""
    return NONE if second is None else ("second" if second else "first")


def probe(value: Probe | None) -> str:
    """Return what a container is asked until it has started."""
    if value is None:
        return NONE
    path = words(value.path) if value.kind is ProbeKind.HTTP else ""
    later = f", first after {value.delay} s" if value.delay else ""
    return (
        f"{value.kind.value.upper()} {path or 'port'} on {value.port}, each {value.period} s, "
        f"{value.failures} times, {value.timeout} s an answer{later}"
    )


def mount(value: Mount | None) -> str:
    """Return what is seen at a path."""
    if value is None:
        return NONE
    how = "read only" if value.read_only else "may be written to"
    options = f", {' '.join(value.options)}" if value.options else ""
    return words(f"gs://{value.bucket}, {how}{options}")


def ingress(value: Ingress) -> str:
    """Return from where it can be reached."""
    return _INGRESS[value]


def callers(unchecked: bool) -> str:
    """Return whether Cloud Run looks at who calls."""
    return "not checked" if unchecked else "checked"


def variable(name: str, value: str | None) -> str:
    """Return the value of a variable, but not if it looks like a secret."""
    if value is None:
        return NONE
    return WITHHELD if is_secret(name, value) else words(repr(value))
