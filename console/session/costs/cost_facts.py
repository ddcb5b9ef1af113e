"""From what a session knows to what costs are reckoned from; nothing is asked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median, quantiles
from typing import Final

from console.language import tr, tr_later
from console.model.cost.billed_time import Billing
from console.model.cost.bucket_cost import BucketContents
from console.model.cost.compute_cost import Fleet, Shape, shape_of
from console.model.cost.counted import Counted
from console.model.cost.facts import CostFacts, Known, Speeds
from console.model.cost.instance_lives import Life
from console.model.cost.money import Range
from console.model.cost.prices import StorageClass
from console.model.service import ServiceFacts, ServiceSnapshot
from console.model.starts.snapshot import StartsSnapshot
from console.model.starts.start import ColdStart, Moment
from console.model.storage import Bucket, ObjectList, StoredObject
from console.model.text import SafeText
from console.session.costs.cost_questions import CostQuestions
from console.session.history.known_lives import KnownLives

HERE: Final = "local"
SHAPE_HERE: Final = Shape(
    region=HERE,
    cpu=Decimal(4),
    memory=Decimal(16),
    billing=Billing.REQUESTS,
    concurrency=1,
    max_instances=1,
)
"""The shape on Cloud Run that an engine on this machine is compared with."""

_PICTURE: Final = timedelta(milliseconds=100)
"""A request that takes less than Cloud Run bills at least is none for a picture."""

_FEW: Final = 4
_NONE_HERE: Final = tr_later("an engine on this machine has none")
_UNTOLD: Final = tr_later("the log has not been read yet")


def cloud_facts(
    service: ServiceSnapshot, starts: StartsSnapshot, lives: KnownLives, answers: CostQuestions
) -> CostFacts | None:
    """Return what is known of a service on Cloud Run; None before Cloud Run said what it is."""
    facts = service.facts
    if facts is None:
        return None
    shape = _shape(facts)
    fleets = fleets_of(lives.lives, lives.shapes, shape, facts.latest_ready_revision)
    known = lives.known_since is not None
    why = service.log_problem or ("" if known else _UNTOLD)
    return CostFacts(
        region=facts.name.region,
        shape=shape,
        fleets=Known(fleets if known else None, why),
        known_since=lives.known_since,
        created=facts.created,
        bucket=answers.bucket,
        registry=answers.registry,
        running=() if facts.image is None else (facts.image,),
        meters=answers.meters,
        answered=pictures_of(fleets),
        speeds=speeds_of(starts.starts, fleets),
        model_bytes=_read_at_a_start(starts.starts),
        billable=None if service.metrics is None else service.metrics.billable,
    )


def facts_here(starts: StartsSnapshot, lives: KnownLives) -> CostFacts:
    """Return what is known of the engine on this machine, as if it were a small service.

    Its files are taken to be in a bucket beside it. It runs only while a console looks after it, so
    that nothing is missing before the first start that is known.
    """
    shapes = dict.fromkeys(lives.lives, SHAPE_HERE)
    fleets = fleets_of(lives.lives, shapes, SHAPE_HERE, None)
    first = min((life.start for each in fleets for life in each.lives), default=None)
    size = _read_at_a_start(starts.starts)
    return CostFacts(
        region=HERE,
        shape=SHAPE_HERE,
        fleets=Known(fleets, ""),
        known_since=first,
        created=first,
        bucket=Known(None, tr("no start has told yet how large the model is"))
        if size is None
        else Known(_files_here(size), ""),
        registry=Known(None, _NONE_HERE, absent=True),
        meters=Known(None, _NONE_HERE, absent=True),
        answered=pictures_of(fleets),
        speeds=speeds_of(starts.starts, fleets),
        model_bytes=size,
    )


def fleets_of(
    lives: Mapping[SafeText, tuple[Life, ...]],
    shapes: Mapping[SafeText, Shape],
    now: Shape,
    serving: SafeText | None,
) -> tuple[Fleet, ...]:
    """Return the instances by revision, in the order in which the revisions came; `serving` last.

    A revision keeps its minimum instances until the next one has an instance that is ready. One
    whose shape nobody knows has neither a size nor a price.
    """
    others = sorted(
        (revision for revision in lives if revision != serving and lives[revision]),
        key=lambda revision: (lives[revision][0].start, revision),
    )
    order = [*others, *([serving] if serving is not None else [])]
    fleets: list[Fleet] = []
    for place, revision in enumerate(order):
        told = lives.get(revision, ())
        shape = now if revision == serving else shapes.get(revision, _shapeless(now))
        following = [lives.get(each, ()) for each in order[place + 1 :]]
        fleets.append(Fleet(shape, told, _taken_over(told, following)))
    if serving is None and fleets:
        fleets[-1] = replace(fleets[-1], kept_until=None)
    return tuple(fleets)


def _taken_over(told: Sequence[Life], following: Iterable[Sequence[Life]]) -> datetime | None:
    """Return when a later revision could take over from one; None if none did."""
    began = told[0].start if told else None
    for lives in following:
        ready = [each.ready or each.start for each in lives]
        later = [each for each in ready if began is None or each >= began]
        if later:
            return min(later)
    return None


def pictures_of(fleets: Iterable[Fleet]) -> Counted:
    """Return when pictures were answered: requests that took longer than those for a page."""
    return Counted.each(
        each.end
        for fleet in fleets
        for life in fleet.lives
        for each in life.requests
        if each.length >= _PICTURE
    )


def speeds_of(starts: Iterable[ColdStart], fleets: Iterable[Fleet]) -> Speeds:
    """Return how fast a service was, by its starts and by the pictures on ready instances."""
    told = [each for each in map(_start_figures, starts) if each is not None]
    begin, rate = [each[0] for each in told], [each[1] for each in told]
    pictures = [
        window.length.total_seconds()
        for fleet in fleets
        for life in fleet.lives
        for window in life.requests
        if window.length >= _PICTURE and life.ready is not None and window.start >= life.ready
    ]
    return Speeds(
        begin=_range(begin),
        rate=_range(rate),
        picture=_range(pictures),
        starts=len(told),
        pictures=len(pictures),
    )


def _start_figures(start: ColdStart) -> tuple[float, float] | None:
    """Return the seconds of a start beside reading, and how many bytes a second it read."""
    asked, usable = start.moments.get(Moment.ASKED_FOR), start.usable
    reading = start.reading.total_seconds()
    if usable is None or start.failure is not None or reading <= 0 or not start.bytes_read:
        return None
    rest = (usable - (asked or start.process)).total_seconds() - reading
    return (rest, start.bytes_read / reading) if rest >= 0 else None


def _range(figures: Sequence[float]) -> Range | None:
    """Return the middle half of many figures with their median, and all of a few."""
    if not figures:
        return None
    low, high = min(figures), max(figures)
    if len(figures) >= _FEW:
        low, _, high = quantiles(figures, n=4, method="inclusive")
    return Range(*(Decimal(f"{each:.6f}") for each in (low, median(figures), high)))


def _read_at_a_start(starts: Iterable[ColdStart]) -> int | None:
    """Return how many bytes the newest start read that told so."""
    return next((each.bytes_read for each in starts if each.bytes_read), None)


def _shape(facts: ServiceFacts) -> Shape:
    """Return the shape of a service now; one that is scaled by hand has so many instances."""
    by_hand = facts.manual_instances
    return shape_of(
        facts,
        facts.name.region,
        min_instances=facts.min_instances if by_hand is None else by_hand,
        max_instances=facts.max_instances if by_hand is None else by_hand,
        zonal_redundancy=facts.zonal_redundancy if facts.gpu else False,
    )


def _shapeless(like: Shape) -> Shape:
    return Shape(region=like.region, cpu=None, memory=None, billing=like.billing)


def _files_here(size: int) -> BucketContents:
    """Return the model's files as a bucket would have them that is here since ever."""
    files = StoredObject(
        name=SafeText("models"),
        size=size,
        storage_class=SafeText(StorageClass.STANDARD),
        crc32c=SafeText(""),
        generation=1,
    )
    bucket = Bucket(
        name=SafeText("models"), location=SafeText(HERE), storage_class=SafeText("STANDARD")
    )
    return BucketContents(bucket, ObjectList((files,)))
