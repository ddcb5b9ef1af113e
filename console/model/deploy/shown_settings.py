"""Settings of a service as people read them; `–` where nobody says anything."""

from __future__ import annotations

from typing import Final

from console.language import tr, tr_later
from console.model.cost.prices import Gpu
from console.model.deploy.plan_words import clauses
from console.model.deploy.secret_names import WITHHELD, is_secret
from console.model.deploy.settings import Ingress, Mount, Probe, ProbeKind

NONE: Final = "–"
_LONGEST: Final = 200
_INGRESS: Final = {
    Ingress.ALL: tr_later("from everywhere"),
    Ingress.INTERNAL: tr_later("from the project's networks"),
    Ingress.LOAD_BALANCER: tr_later("through a load balancer"),
    Ingress.NONE: tr_later("from nowhere"),
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
    return NONE if value is None else tr("{seconds} s", seconds=value)


def switch(value: bool | None) -> str:
    """Return a yes or no."""
    return NONE if value is None else (tr("on") if value else tr("off"))


def gpu(value: Gpu | None) -> str:
    """Return the GPU."""
    return tr("none") if value is None else str(value)


def billing(always: bool | None) -> str:
    """Return how it is paid for."""
    return NONE if always is None else (tr("by instance") if always else tr("by request"))


def by_hand(value: int | None) -> str:
    """Return how many instances there are."""
    return tr("as many as needed") if value is None else tr("{count} by hand", count=value)


def generation(second: bool | None) -> str:
    """Return which execution environment it is."""
    return NONE if second is None else (tr("second") if second else tr("first"))


def probe(value: Probe | None) -> str:
    """Return what a container is asked until it has started."""
    if value is None:
        return NONE
    path = words(value.path) if value.kind is ProbeKind.HTTP else ""
    asked = tr(
        "{protocol} {path} on {port}, each {period} s, {failures} times, {timeout} s an answer",
        protocol=value.kind.value.upper(),
        path=path or tr("port"),
        port=value.port,
        period=value.period,
        failures=value.failures,
        timeout=value.timeout,
    )
    if not value.delay:
        return asked
    return tr("{asked}, first after {delay} s", asked=asked, delay=value.delay)


def mount(value: Mount | None) -> str:
    """Return what is seen at a path."""
    if value is None:
        return NONE
    how = tr("read only") if value.read_only else tr("may be written to")
    said = (f"gs://{value.bucket}", how, " ".join(value.options))
    return words(clauses(each for each in said if each))


def ingress(value: Ingress) -> str:
    """Return from where it can be reached."""
    return tr(_INGRESS[value])


def callers(unchecked: bool) -> str:
    """Return whether Cloud Run looks at who calls."""
    return tr("not checked") if unchecked else tr("checked")


def variable(name: str, value: str | None) -> str:
    """Return the value of a variable, but not if it looks like a secret."""
    if value is None:
        return NONE
    return WITHHELD if is_secret(name, value) else words(repr(value))
