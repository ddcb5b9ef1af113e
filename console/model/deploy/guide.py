"""Where the console does something else than the deployment guide, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from console.model.deploy.defaults import guide_wish
from console.model.deploy.differences import DEFAULT_CONCURRENCY, DEFAULT_TIMEOUT
from console.model.deploy.guide_differences import DIFFERENCES, Aspect, Difference
from console.model.deploy.wish import DeployWish, Variant


def faults(variant: Variant) -> tuple[Difference, ...]:
    """Return all that can be said against the guide's way, to whoever goes it."""
    return tuple(each for each in DIFFERENCES if variant in each.variants)


def differing(wish: DeployWish) -> frozenset[Aspect]:
    """Return in which respects a wish is not what the guide's commands ask for."""
    guide = guide_wish(wish.place, wish.variant)
    return frozenset(aspect for aspect, of in _ASPECTS.items() if of(guide) != of(wish))


def explained(wish: DeployWish) -> tuple[Difference, ...]:
    """Return the differences between the guide and a wish, in the order of a deployment.

    What the guide is wrong about whatever one wishes for is always among them, but for a wish that
    follows the guide.
    """
    if wish.as_in_guide:
        return ()
    found = differing(wish)
    return tuple(
        each for each in faults(wish.variant) if each.aspect is None or each.aspect in found
    )


def _by_digest(wish: DeployWish) -> bool:
    """An image that is not known yet is named by its digest once it is built."""
    return not wish.settings.image or "@" in wish.settings.image


_ASPECTS: Final[dict[Aspect, Callable[[DeployWish], object]]] = {
    Aspect.BUCKET: lambda wish: wish.bucket,
    Aspect.REPOSITORY: lambda wish: wish.image.repository,
    Aspect.DIGEST: _by_digest,
    Aspect.ACCOUNT: lambda wish: wish.account,
    Aspect.PATH: lambda wish: [each.path for each in wish.settings.mounts],
    Aspect.WRITABLE: lambda wish: [each.read_only for each in wish.settings.mounts],
    Aspect.CALLERS: lambda wish: wish.visibility,
    Aspect.MOST: lambda wish: wish.settings.max_instances,
    Aspect.CONCURRENCY: lambda wish: wish.settings.concurrency or DEFAULT_CONCURRENCY,
    Aspect.TIMEOUT: lambda wish: wish.settings.timeout or DEFAULT_TIMEOUT,
    Aspect.PROBE: lambda wish: wish.settings.probe,
    Aspect.REDUNDANCY: lambda wish: bool(
        wish.settings.gpu and wish.settings.gpu_zonal_redundancy is not False
    ),
    Aspect.BILLING: lambda wish: (wish.settings.gpu is not None, wish.settings.cpu_always or False),
    Aspect.LABELS: lambda wish: wish.settings.labels,
}
