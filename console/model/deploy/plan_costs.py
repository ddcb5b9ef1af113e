"""What a deployment costs: at most in a day, at least in a day, and once while it is carried out.

All are estimates by a price list, without any free tier. What is on this machine costs nothing, and
is told as it would cost elsewhere.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from console.language import tr
from console.model.cost.billed_time import Billing
from console.model.cost.compute_cost import DAY, Shape, most_a_day, per_second, quantity, standing
from console.model.cost.facts import priced_region
from console.model.cost.money import UNKNOWN_TEXT, Amount, Range, unknown
from console.model.cost.picture_cost import Way, wake
from console.model.cost.prices import GIB, HOURS_A_MONTH, PriceList, StorageClass
from console.model.cost.side_cost import build, images_a_month
from console.model.cost.speeds import guide_speeds, setup_of
from console.model.cost.storage_cost import ModelFiles, storage
from console.model.deploy.scene import Scene
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.wish import Variant
from console.model.models.part_size import part_size
from console.model.models.push_offer import requests_price
from console.model.models.push_plan import PushPlan
from console.model.storage import Bucket
from console.model.text import SafeText

USUAL_IMAGE: Final = {Variant.CPU: 400_000_000, Variant.GPU: 3_500_000_000}
"""What an image has in its repository, compressed, for prices before it is built; in bytes.

On a GPU it is what PyTorch's wheels for CUDA have, of which little gets smaller.
"""

_A_DAY: Final = Decimal(24) / HOURS_A_MONTH
_CONCURRENCY: Final = 80
_FILES: Final = 3
_AROUND: Final = 4
"""How many requests of class A a file takes beside its parts, where no push is planned yet."""


def shape_of_settings(settings: ServiceSettings, region: str) -> Shape:
    """Return what instances of a service get, and how many there may be.

    A GPU whose redundancy nobody speaks of is redundant, as Cloud Run's own default has it.
    """
    memory = quantity(settings.memory)
    manual = settings.manual_instances
    return Shape(
        region=priced_region(region),
        cpu=quantity(settings.cpu),
        memory=None if memory is None else memory / GIB,
        gpu=settings.gpu,
        zonal_redundancy=settings.gpu is not None and settings.gpu_zonal_redundancy is not False,
        billing=Billing.INSTANCES if settings.cpu_always else Billing.REQUESTS,
        concurrency=settings.concurrency or _CONCURRENCY,
        min_instances=(settings.min_instances or 0) if manual is None else manual,
        max_instances=settings.max_instances if manual is None else manual,
    )


def worst_day(scene: Scene) -> Amount:
    """Return what a day costs if all instances there may be work all day, with what is kept.

    Without a limit of instances nobody can say.
    """
    shape = shape_of_settings(scene.settings, scene.region)
    most = most_a_day(shape, scene.prices)
    return most if most.known is None else most + kept_a_day(scene)


def idle_day(scene: Scene) -> Amount:
    """Return what a day costs on which nobody asks for anything."""
    shape = shape_of_settings(scene.settings, scene.region)
    return standing(shape, DAY, scene.prices).total + kept_a_day(scene)


def instance_day(scene: Scene) -> Amount:
    """Return what one instance costs that works all day."""
    shape = shape_of_settings(scene.settings, scene.region)
    return per_second(shape, scene.prices) * 86_400


def kept_a_day(scene: Scene) -> Amount:
    """Return what keeping the model and the image costs for a day.

    What is not there yet is taken to be as large as it usually is.
    """
    region = priced_region(scene.region)
    model = storage(scene.model_bytes, StorageClass.STANDARD, region, scene.prices).amount
    known = scene.image.bytes if scene.image else None
    usual = USUAL_IMAGE[scene.wish.variant]
    image = images_a_month(usual if known is None else known, scene.prices).amount
    return (model + image) * _A_DAY


def one_start(scene: Scene) -> Amount:
    """Return what it costs that one instance starts, and idles after it if that is billed.

    How fast a start is, is taken from the guide.
    """
    shape = shape_of_settings(scene.settings, scene.region)
    model = ModelFiles(bytes=scene.model_bytes, region=shape.region)
    setup = setup_of(shape, model, 0, guide_speeds(shape.gpu))
    return wake(Way(shape, setup.speed), scene.prices)


def sending(scene: Scene, push: PushPlan | None) -> Amount:
    """Return what the requests of sending the model cost; bytes that come in cost nothing."""
    if push is not None:
        name, where = SafeText(scene.wish.bucket), SafeText(scene.region)
        bucket = Bucket(name=name, location=where, storage_class=SafeText(StorageClass.STANDARD))
        return requests_price(bucket, push, scene.prices)
    size = scene.model_bytes
    count = -(-size // part_size(size)) + _FILES * _AROUND
    return scene.prices.writes(StorageClass.STANDARD).cost(Decimal(count) / 1000)


def ten_minutes_of_building(scene: Scene) -> Amount:
    """Return what Cloud Build costs for ten minutes on the machine that is wished for."""
    machine = scene.wish.image.machine.lower().replace("_", "-")
    return build(Decimal(10), scene.prices, machine).amount


def kept_image(scene: Scene) -> Amount:
    """Return what keeping the image costs for a month; where it is not built, a GiB of it."""
    size = scene.image.bytes if scene.image else GIB
    return unknown(tr("the image")) if size is None else images_a_month(size, scene.prices).amount


def kept_bucket(scene: Scene, length: timedelta) -> Amount:
    """Return what keeping the model for so long costs."""
    region = priced_region(scene.region)
    month = storage(scene.model_bytes, StorageClass.STANDARD, region, scene.prices).amount
    return month * (Decimal(length // timedelta(hours=1)) / HOURS_A_MONTH)


def moving_each_start(scene: Scene, origin: str) -> Amount:
    """Return what it costs at each start that the model comes from another region."""
    price = scene.prices.transfer(origin, priced_region(scene.region))
    return price.cost_of(Range.exactly(Decimal(scene.model_bytes) / GIB))


def cost_words(amount: Amount, words: str) -> str:
    """Put an amount into words that have a place for `cost`; empty if it is nothing at all."""
    if amount.known is None:
        cost = words.format(cost=UNKNOWN_TEXT)
        return tr("{cost} ({missing})", cost=cost, missing=amount.missing_text())
    if not amount.known.high:
        return ""
    return words.format(cost=amount.text())


def brief_words(amount: Amount, words: str = "{cost}") -> str:
    """Put an amount into the fewest words; empty if it is nothing at all."""
    if amount.known is None:
        return words.format(cost=UNKNOWN_TEXT)
    return words.format(cost=amount.text()) if amount.known.high else ""


def price_list_age(prices: PriceList, days: int) -> str:
    """Say that a price list is old that many days after its date; empty while it is not."""
    if days <= 180:
        return ""
    return tr(
        "the price list is of {date} and {days} days old; figures may have changed",
        date=prices.date,
        days=days,
    )
