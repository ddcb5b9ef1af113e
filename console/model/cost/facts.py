"""What is known of a service for the sake of its costs; what is not known says why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Generic, TypeVar

from console.language import tr_later
from console.model.cost.bucket_cost import BucketContents
from console.model.cost.compute_cost import Fleet, Shape
from console.model.cost.counted import Counted
from console.model.cost.estimate import Window
from console.model.cost.money import Range
from console.model.image_name import Repository
from console.model.meters import Meters
from console.model.metrics import Minutes
from console.model.registry import RegistryFacts
from console.model.text import SafeText

Thing = TypeVar("Thing")

PRICED_AS: Final = "us-central1"
"""The region whose prices say what something would cost that is on this machine."""

NOT_ASKED: Final = tr_later("not asked for yet")
"""Why something is not known before it was asked for; to be translated where it is shown."""

_HERE: Final = frozenset({"local", "local-1"})


@dataclass(frozen=True, slots=True)
class Known(Generic[Thing]):
    """Something that was asked for; `thing` None means that it is not known, for the reason `why`.

    With a thing, `why` says why there is no newer one, and is mostly empty. `absent` says that
    there is none, so that nothing is paid for it.
    """

    thing: Thing | None = None
    why: str = NOT_ASKED
    absent: bool = False


@dataclass(frozen=True, slots=True)
class MonthMeters:
    """What was counted since the month began, and the part of it since the day began."""

    month: Meters
    today: Meters | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """How fast a service starts and works, as far as that was measured.

    `begin` is the part of a start that does not depend on the model's size, in seconds, `rate` how
    many bytes a second it reads, `picture` the seconds of one picture. `starts` and `pictures`
    count what was measured; the guide's figures stand in for what is None.
    """

    begin: Range | None = None
    rate: Range | None = None
    picture: Range | None = None
    starts: int = 0
    pictures: int = 0


_UNMEASURED: Final = Speeds()


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFacts:
    """Everything that a report of costs is made from, at one moment.

    `region` is where the service is, `local` for an engine on this machine. `shape` is that of its
    instances now, None as long as nobody told. `fleets` are the lives of its instances by revision,
    the revision that is there now last; they are known from `known_since` on, and the service is
    there since `created`. `running` are the names of the images that its revisions run. `answered`
    counts the answered requests for pictures. `model_bytes` is how much a start reads, where no
    bucket tells. `billable` is the billed time of the last hour as Cloud Monitoring counted it.
    """

    region: str
    shape: Shape | None = None
    fleets: Known[tuple[Fleet, ...]] = Known()
    known_since: datetime | None = None
    created: datetime | None = None
    bucket: Known[BucketContents] = Known()
    registry: Known[RegistryFacts] = Known()
    running: tuple[str, ...] = ()
    meters: Known[MonthMeters] = Known()
    answered: Counted | None = None
    speeds: Speeds = _UNMEASURED
    model_bytes: int | None = None
    billable: Minutes | None = None

    @property
    def hypothetical(self) -> bool:
        """Whether the service is on this machine, where nothing is billed."""
        return self.region in _HERE

    @property
    def starts(self) -> Counted:
        """When instances were started."""
        fleets = self.fleets.thing or ()
        return Counted.each(life.start for fleet in fleets for life in fleet.lives)

    def priced(self) -> CostFacts:
        """Return the same with what is on this machine in a region that has prices."""
        return replace(
            self,
            region=priced_region(self.region),
            shape=None if self.shape is None else _shape(self.shape),
            fleets=replace(self.fleets, thing=_fleets(self.fleets.thing)),
            bucket=replace(self.bucket, thing=_bucket(self.bucket.thing)),
            registry=replace(self.registry, thing=_registry(self.registry.thing)),
        )

    def lacks_until(self, month: Window) -> datetime | None:
        """Return until when nothing of the month is known of instances; None if all of it is."""
        since = self.known_since
        if since is None:
            return None
        began = max(month.start, self.created or month.start)
        return since if since > began else None


def priced_region(region: str) -> str:
    """Return the region whose prices hold for what is in `region`."""
    return PRICED_AS if region in _HERE else region


def _shape(shape: Shape) -> Shape:
    return replace(shape, region=priced_region(shape.region))


def _fleets(fleets: tuple[Fleet, ...] | None) -> tuple[Fleet, ...] | None:
    if fleets is None:
        return None
    return tuple(replace(each, shape=_shape(each.shape)) for each in fleets)


def priced_contents(contents: BucketContents) -> BucketContents:
    """Return the same in a region that has prices."""
    location = SafeText(priced_region(contents.region))
    return replace(contents, bucket=replace(contents.bucket, location=location))


def _bucket(contents: BucketContents | None) -> BucketContents | None:
    return None if contents is None else priced_contents(contents)


def _registry(facts: RegistryFacts | None) -> RegistryFacts | None:
    if facts is None:
        return None
    at = facts.repository
    moved = Repository(at.project, priced_region(at.location), at.name)
    return replace(facts, repository=moved)
