"""Names that Google does not take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from console.language import tr
from console.model.deploy.scene import Scene
from console.model.deploy.step import Refusal, Subject
from console.model.deploy.wish import ImageWay
from console.model.models.bucket_name import name_problem, usual_bucket

_SERVICE: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?")
_ACCOUNT: Final = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_REPOSITORY: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")


def name_refusals(scene: Scene) -> Iterator[Refusal]:
    """Yield what is wrong with the names of what is to be made."""
    wish = scene.wish
    if not _SERVICE.fullmatch(wish.place.service):
        yield Refusal(
            Subject.SERVICE,
            tr(
                "no service can be called {service!a}: a name has at most 49 small letters, "
                "digits and hyphens, begins with a letter and does not end with a hyphen",
                service=wish.place.service,
            ),
            tr("choose another, such as z-image"),
        )
    if problem := name_problem(wish.bucket, new=scene.bucket is None):
        usual = usual_bucket(scene.project)
        yield Refusal(
            Subject.BUCKET, problem, tr("choose another by --bucket, such as {usual}", usual=usual)
        )
    if wish.account and not _ACCOUNT.fullmatch(wish.account):
        yield Refusal(
            Subject.ACCOUNT,
            tr(
                "no account can be called {account!a}: a name has 6 to 30 small letters, "
                "digits and hyphens, begins with a letter and does not end with a hyphen",
                account=wish.account,
            ),
            tr("choose another, such as zimage-runtime"),
        )
    built = wish.image.way is not ImageWay.GIVEN
    if built and not _REPOSITORY.fullmatch(wish.image.repository):
        yield Refusal(
            Subject.REPOSITORY,
            tr(
                "no repository can be called {repository!a}: a name has at most 63 small "
                "letters, digits and hyphens, begins with a letter and does not end with a "
                "hyphen",
                repository=wish.image.repository,
            ),
            tr("choose another, such as z-image-cpu"),
        )
