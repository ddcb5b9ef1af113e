"""A deployment removed: the service, then what the console made for it; the rest is listed.

What other services use stays, and so does what nobody could look at for that. The bucket goes only
if that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from console.language import tr
from console.model.cost.prices import PriceList
from console.model.deploy.observed import Observed
from console.model.deploy.ownership import Fate, fates
from console.model.deploy.refusals.permissions import permission_notes, permission_refusals
from console.model.deploy.refusals.project import blocks
from console.model.deploy.removal_steps import (
    account_removal,
    bucket_removal,
    reading_removal,
    repository_removal,
    service_removal,
)
from console.model.deploy.scene import Scene
from console.model.deploy.staying import staying
from console.model.deploy.step import Confirmation, Plan, Refusal, Step, Subject
from console.model.deploy.wish import DeployWish

_LOOKED_AT: Final = ("service", "bucket", "account", "repository", "lacking")
_REMOVALS: Final[tuple[tuple[Subject, Callable[[Scene], Step | None]], ...]] = (
    (Subject.SERVICE, service_removal),
    (Subject.READING, reading_removal),
    (Subject.ACCOUNT, account_removal),
    (Subject.REPOSITORY, repository_removal),
    (Subject.BUCKET, bucket_removal),
)


def plan_destroy(
    wish: DeployWish, observed: Observed, prices: PriceList, *, with_bucket: bool = False
) -> Plan:
    """Return how all of a deployment is removed, and what stays.

    The bucket goes with everything in it only `with_bucket`. The name of the service has to be
    typed before anything is done.
    """
    scene = Scene(wish, observed, prices)
    fate = fates(scene, with_bucket)
    found = (
        build(scene) for subject, build in _REMOVALS if fate.get(subject, Fate.GOES) is Fate.GOES
    )
    steps = tuple(each for each in found if each is not None)
    reasons = (
        *_bucket_refusals(scene, with_bucket),
        *permission_refusals(scene.project, observed, steps),
    )
    return Plan(
        title=tr(
            "remove {service} from {region} of {project}",
            service=wish.place.service,
            region=wish.place.region,
            project=wish.place.project,
        ),
        wish=wish,
        steps=steps,
        refusals=reasons,
        blocked=blocks(observed, _LOOKED_AT),
        notes=(
            tr("nothing of this can be undone; zimage-console deploy makes it all anew"),
            *permission_notes(scene.project, observed, steps),
        ),
        stays=staying(scene, fate),
        observed=observed,
        prices_of=prices.date,
        confirmation=Confirmation.NAME,
        at=wish.place,
    )


def _bucket_refusals(scene: Scene, with_bucket: bool) -> tuple[Refusal, ...]:
    """Another's bucket, or one that another service reads from, is not removed even if asked."""
    if not with_bucket or scene.bucket is None:
        return ()
    name, mend = f"gs://{scene.wish.bucket}", tr("leave --with-bucket out")
    if scene.bucket.ours is False:
        words = tr(
            "{name} is not in {project}, and is not removed from here",
            name=name,
            project=scene.project,
        )
        return (Refusal(Subject.BUCKET, words, mend),)
    readers = scene.neighbours.bucket if scene.neighbours else frozenset[str]()
    if readers:
        others = tr(" and ").join(sorted(readers))
        words = tr("{others} would not start any more without {name}", others=others, name=name)
        return (
            Refusal(
                Subject.BUCKET,
                words,
                tr("{mend}, or remove {others} before", mend=mend, others=others),
            ),
        )
    return ()
