"""How fast a service is: as it was measured, else as the deployment guide says.

The guide's: a start takes about a minute, a picture of 512 × 512 takes 100 to 200 s on four
processors and 3 to 6 s on an L4.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from console.language import tr, tr_many
from console.model.cost.compute_cost import Shape
from console.model.cost.facts import Speeds
from console.model.cost.money import Range
from console.model.cost.prices import GIB
from console.model.cost.storage_cost import ModelFiles
from console.model.cost.what_if import Setup

BEGIN: Final = Range.exactly(10)
"""Seconds of the guide's minute that are taken not to depend on the model's size."""

RATE: Final = Range.exactly(Decimal(8 * GIB) / 50)
"""Bytes a second that read the guide's 8 GB in the rest of its minute."""

ON_CPU: Final = Range(Decimal(100), Decimal(150), Decimal(200))
ON_GPU: Final = Range(Decimal(3), Decimal("4.5"), Decimal(6))
"""Seconds of a picture."""


def guide_speeds(gpu: str | None) -> Speeds:
    """Return what the guide says of processors alone, or with a GPU."""
    return Speeds(begin=BEGIN, rate=RATE, picture=ON_GPU if gpu else ON_CPU)


def setup_of(shape: Shape, model: ModelFiles, image_bytes: int, speeds: Speeds) -> Setup:
    """Return a deployment with its measured speeds, or the guide's for what was not measured."""
    guide = guide_speeds(shape.gpu)
    begin = speeds.begin or guide.begin
    rate = speeds.rate or guide.rate
    picture = speeds.picture or guide.picture
    assert begin is not None
    assert rate is not None
    assert picture is not None
    return Setup(
        shape=shape,
        model=model,
        image_bytes=image_bytes,
        begin=begin,
        rate=rate,
        picture=picture,
    )


def speeds_text(speeds: Speeds, gpu: str | None) -> str:
    """Say where the speeds of a report come from."""
    picture = tr("3 to 6 s") if gpu else tr("100 to 200 s")
    starts = tr_many("{count:,} start", "{count:,} starts", speeds.starts)
    pictures = tr_many("{count:,} picture", "{count:,} pictures", speeds.pictures)
    match speeds.begin is not None, speeds.picture is not None:
        case True, True:
            return tr("measured on {starts} and {pictures}", starts=starts, pictures=pictures)
        case True, False:
            return tr(
                "starts measured on {starts}; {seconds} a picture is the guide's",
                starts=starts,
                seconds=picture,
            )
        case False, True:
            return tr(
                "pictures measured on {pictures}; a minute for a start is the guide's",
                pictures=pictures,
            )
        case _:
            return tr(
                "the guide's: about a minute for a start, {seconds} for a picture", seconds=picture
            )
