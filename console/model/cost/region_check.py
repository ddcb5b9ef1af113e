"""Whether service, bucket and registry are in one region, and what it costs if they are not.

The model crosses from the bucket to the service at every cold start, the image from the registry
only at a roll-out, when Cloud Run makes its own copy of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from console.language import tr
from console.model.cost.estimate import Line
from console.model.cost.money import ZERO, Amount
from console.model.cost.prices import PriceList
from console.model.cost.storage_cost import ModelFiles, gib, gib_text


@dataclass(frozen=True, slots=True)
class RegionCheck:
    """Where the three are, and what crosses between them.

    `at_start` is paid for at every cold start, `at_deploy` at every roll-out; None where nothing
    crosses, or where it is not known where the thing is.
    """

    service: str
    bucket: str | None
    registry: str | None
    at_start: Line | None
    at_deploy: Line | None

    @property
    def together(self) -> bool | None:
        """Whether all are in one region; None if that is not known."""
        if self.at_start or self.at_deploy:
            return False
        return True if self.bucket and self.registry else None

    @property
    def words(self) -> str:
        """The check in one line, with the mend if there is one."""
        faults: list[str] = []
        if self.at_start:
            faults.append(
                tr(
                    "the bucket is in {bucket} and the service in {service}: every cold start "
                    "moves {size} for {price}; move the models to a bucket in {service}",
                    bucket=self.bucket,
                    service=self.service,
                    size=self.at_start.how,
                    price=_price(self.at_start.amount),
                )
            )
        if self.at_deploy:
            faults.append(
                tr(
                    "the registry is in {registry}: every roll-out moves {size} for {price}; "
                    "use a repository in {service}",
                    registry=self.registry,
                    service=self.service,
                    size=self.at_deploy.how,
                    price=_price(self.at_deploy.amount),
                )
            )
        if faults:
            return tr(". ").join(each[0].upper() + each[1:] for each in faults)
        if self.together:
            return tr("service, bucket and registry are all in {region}", region=self.service)
        if self.registry:
            return tr("where the bucket is, is not known")
        if self.bucket:
            return tr("where the registry is, is not known")
        return tr("where the bucket and the registry is, is not known")


def region_check(
    service: str,
    model: ModelFiles | None,
    registry: str | None,
    image_bytes: int,
    prices: PriceList,
) -> RegionCheck:
    """Compare the regions of a service, of the bucket of its model, and of its registry."""
    bucket = None if model is None else model.region
    return RegionCheck(
        service=service,
        bucket=bucket,
        registry=registry,
        at_start=_crossing(bucket, service, 0 if model is None else model.bytes, prices),
        at_deploy=_crossing(registry, service, image_bytes, prices),
    )


def _crossing(origin: str | None, service: str, bytes_: int, prices: PriceList) -> Line | None:
    if origin is None or origin == service:
        return None
    price = prices.transfer(origin, service)
    amount = price.cost(gib(bytes_)) if bytes_ else ZERO
    return Line(price.name, amount, gib_text(gib(bytes_)))


def _price(amount: Amount) -> str:
    if amount.known is None:
        return tr("a price that is not known")
    said = amount.text()
    return tr("{price} (not verified)", price=said) if amount.unverified else said
