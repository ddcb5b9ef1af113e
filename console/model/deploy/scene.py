"""What a plan is made from: what is wanted, what there is, and prices; and what follows from them.

What nobody could look at is taken to be as in a fresh project.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from console.language import tr, tr_later
from console.model.cost.prices import PriceList
from console.model.deploy.image_tag import image_address
from console.model.deploy.observed import (
    NOTHING,
    Absent,
    BucketSeen,
    ImageSeen,
    ModelsSeen,
    Neighbours,
    Observed,
    Seen,
    ServiceSeen,
    SourceSeen,
    Unseen,
)
from console.model.deploy.secret_names import without_secrets
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.wish import DeployWish, ImageWay, Visibility
from console.model.models.bucket_plan import USUAL_BYTES
from console.model.text import SafeText

TO_BE_BUILT: Final = tr_later("the image that the step before makes")
"""What stands for an image whose digest is not known before it is built."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One wish, and what was observed for it."""

    wish: DeployWish
    observed: Observed
    prices: PriceList

    @property
    def project(self) -> str:
        """The project that all is in."""
        return self.wish.place.project

    @property
    def region(self) -> str:
        """The region that all is in."""
        return self.wish.place.region

    @property
    def bucket(self) -> BucketSeen | None:
        """The bucket, None if there is none or nobody could look."""
        found = self.observed.bucket
        return found if isinstance(found, BucketSeen) else None

    @property
    def models(self) -> ModelsSeen | None:
        """The model's files, None if there are none or nobody could look."""
        found = self.observed.models
        return found if isinstance(found, ModelsSeen) else None

    @property
    def image(self) -> ImageSeen | None:
        """The image, None if there is none or nobody could look."""
        found = self.observed.image
        return found if isinstance(found, ImageSeen) else None

    @property
    def source(self) -> SourceSeen | None:
        """What the image is built from, None if nobody could look."""
        found = self.observed.source
        return found if isinstance(found, SourceSeen) else None

    @property
    def service(self) -> ServiceSeen | None:
        """The service, None if there is none or nobody could look."""
        found = self.observed.service
        return found if isinstance(found, ServiceSeen) else None

    @property
    def neighbours(self) -> Neighbours | None:
        """Other services that use the same things, None if nobody could look."""
        found = self.observed.neighbours
        return found if isinstance(found, Neighbours) else None

    @property
    def model_bytes(self) -> int:
        """The size of the model, or the usual one where it is not known."""
        sizes = sum(self.models.sizes.values()) if self.models else 0
        return sizes or USUAL_BYTES

    @property
    def public(self) -> bool:
        """Whether everybody may call once all is done."""
        wish = self.wish
        return wish.visibility is Visibility.PUBLIC or wish.settings.callers_unchecked

    @property
    def builds(self) -> bool:
        """Whether an image has to be built."""
        return self.wish.image.way is not ImageWay.GIVEN and self.image is None

    @property
    def image_words(self) -> str:
        """The image by its name as far as it is known before it is built."""
        return image_address(self.wish, self.source.checksum if self.source else "")

    @property
    def settings(self) -> ServiceSettings:
        """The service as it is to be; its image is empty as long as it has to be built."""
        wanted = self.wish.settings
        return replace(
            wanted,
            image=self._image(),
            service_account=wanted.service_account or self.wish.account_email or None,
            variables=without_secrets(wanted.variables),
        )

    def _image(self) -> str:
        """Return the image by its digest if that is known, unless the wish names another."""
        if self.wish.settings.image:
            return self.wish.settings.image
        if self.image:
            return self.image.name
        return self.wish.image.given if self.wish.image.way is ImageWay.GIVEN else ""


def unseen_words(why: str) -> str:
    """Return what is put after something that is taken for granted, in brackets."""
    return tr(" ({why})", why=why)


def assumed(seen: Seen[object], what: str) -> SafeText:
    """Say what is taken for granted because nobody could look; empty if somebody did."""
    if not isinstance(seen, Unseen):
        return NOTHING
    return SafeText(what + unseen_words(tr(seen.why)))


def is_absent(seen: Seen[object]) -> bool:
    """Say whether there is none of it, as far as is known."""
    return isinstance(seen, Absent | Unseen)
