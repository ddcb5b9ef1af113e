"""What a destruction leaves, each with why, what it costs, and the command that removes it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from console.language import tr, tr_many
from console.model.cost.prices import HOURS_A_MONTH
from console.model.deploy.commands import delete_account, delete_repository
from console.model.deploy.image_tag import image_repository
from console.model.deploy.observed import Absent, Neighbours
from console.model.deploy.ownership import Fate
from console.model.deploy.plan_costs import cost_words, kept_bucket, kept_image
from console.model.deploy.scene import Scene
from console.model.deploy.step import Subject
from console.model.deploy.wish import ImageWay
from console.model.storage import size_text

_MONTH: Final = timedelta(hours=HOURS_A_MONTH)


def staying(scene: Scene, fate: Mapping[Subject, Fate]) -> tuple[str, ...]:
    """Return what stays, in the order in which it would be removed."""
    return tuple(_staying(scene, fate))


def _staying(scene: Scene, fate: Mapping[Subject, Fate]) -> Iterator[str]:
    stays = (Fate.SHARED, Fate.UNSEEN, Fate.FOREIGN)
    wish, observed = scene.wish, scene.observed
    shared = scene.neighbours or Neighbours()
    if fate[Subject.ACCOUNT] in stays and not isinstance(observed.account, Absent):
        yield tr(
            "the account {account} and its right to read, {why}: {command}",
            account=wish.account,
            why=_why(fate[Subject.ACCOUNT], shared.account),
            command=delete_account(scene.project, wish.account_email),
        )
    if fate[Subject.REPOSITORY] in stays and not isinstance(observed.repository, Absent):
        kept = image_repository(wish)
        yield tr(
            "the repository {repository} with its images, {why}: {command}",
            repository=kept.name,
            why=_why(fate[Subject.REPOSITORY], shared.repository),
            command=delete_repository(kept),
        )
    if wish.image.way is ImageWay.GIVEN:
        price = cost_words(kept_image(scene), tr("{cost} a month")) if scene.image else ""
        yield (
            tr("the image {image}, {price}, which was given", image=wish.image.given, price=price)
            if price
            else tr("the image {image}, which was given", image=wish.image.given)
        )
    if fate[Subject.BUCKET] is not Fate.GOES and not isinstance(observed.bucket, Absent):
        yield _bucket(scene)
    if wish.image.way is ImageWay.CLOUD_BUILD:
        name = f"gs://{re.sub('[.:]', '-', scene.project)}-z-image-builds"
        yield tr(
            "{bucket}, if anything was ever built in the cloud; what is in it goes after a day: "
            "{command}",
            bucket=name,
            command=_remove(name),
        )
    yield tr("the APIs that are on, which cost nothing")


def _bucket(scene: Scene) -> str:
    name = f"gs://{scene.wish.bucket}"
    size = sum(scene.models.sizes.values()) if scene.models else 0
    return tr(
        "{bucket}, {price}: {command} (or add --with-bucket)",
        bucket=tr("{bucket} with {size}", bucket=name, size=size_text(size)) if size else name,
        price=cost_words(kept_bucket(scene, _MONTH), tr("{cost} a month")),
        command=_remove(name),
    )


def _why(fate: Fate, users: frozenset[str]) -> str:
    if fate is Fate.SHARED:
        return tr_many(
            "which {services} uses too",
            "which {services} use too",
            len(users),
            services=tr(" and ").join(sorted(users)),
        )
    return tr("since {reason}", reason=tr(fate.value))


def _remove(name: str) -> str:
    return shlex.join(["gcloud", "storage", "rm", "--recursive", "--all-versions", name])
