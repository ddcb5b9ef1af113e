"""What is wanted of a service of which nobody says it: what was wanted before, or a guess."""

from __future__ import annotations

from console.model.deploy.choices import Choices
from console.model.deploy.defaults import cpu_wish, gpu_wish
from console.model.deploy.observed import ServiceSeen
from console.model.deploy.snapshot import Applied
from console.model.deploy.wish import DeployWish, Variant, Visibility
from console.model.service import ServiceName


def wish_like(place: ServiceName, applied: Applied | None, found: ServiceSeen | None) -> DeployWish:
    """Return the wish that what there is came of: the one that is remembered, or a guess.

    The guess looks at the service: on a GPU or not, and which bucket it mounts.
    """
    if applied is not None:
        return applied.wish
    settings = found.settings if found else None
    bucket = settings.mounts[0].bucket if settings and settings.mounts else ""
    if settings is not None and settings.gpu is not None:
        return gpu_wish(place, gpu=settings.gpu, bucket=bucket)
    return cpu_wish(place, bucket=bucket)


def choices_like(wish: DeployWish, otherwise: Choices) -> Choices:
    """Return what somebody would have to say to wish for the same again.

    What a wish that names a finished image does not say, how one is built, is as in `otherwise`.
    """
    settings, image, gpu = wish.settings, wish.image, wish.settings.gpu
    return Choices(
        variant=wish.variant,
        gpu=gpu if wish.variant is Variant.GPU and gpu else otherwise.gpu,
        bucket=wish.bucket,
        models=wish.models,
        image=image.given,
        way=otherwise.way if image.given else image.way,
        source=otherwise.source if image.given else image.context,
        cpu=settings.cpu,
        memory=settings.memory,
        concurrency=settings.concurrency,
        timeout=settings.timeout,
        min_instances=settings.min_instances,
        max_instances=settings.max_instances,
        public=wish.visibility is Visibility.PUBLIC,
        callers=wish.callers,
        variables=settings.variables,
        secrets=settings.secrets,
        as_in_guide=wish.as_in_guide,
    )
