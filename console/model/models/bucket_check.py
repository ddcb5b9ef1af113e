"""Whether a bucket is where the service that reads from it is.

What is called by a continent has its data there, in regions of Google's choice; reading from one's
own continent's is free of charge no longer, but works well. Source:
https://cloud.google.com/storage/docs/locations.
"""

from __future__ import annotations

from typing import Final

from console.language import tr
from console.model.text import SafeText

_CONTINENTS: Final = {"us": ("us-",), "eu": ("europe-",), "asia": ("asia-",)}
_PAIRS: Final = {
    "nam4": ("us-central1", "us-east1"),
    "eur4": ("europe-north1", "europe-west4"),
    "eur5": ("europe-west1", "europe-west2"),
    "eur7": ("europe-west2", "europe-west3"),
    "eur8": ("europe-west3", "europe-west6"),
    "asia1": ("asia-northeast1", "asia-northeast2"),
}


def is_near(location: str, region: str) -> bool:
    """Say whether a bucket at a location is in a region, or in several of which that is one.

    What is not known of either is no matter.
    """
    where = location.lower()
    if not where or not region or where == region:
        return True
    if any(region.startswith(begin) for begin in _CONTINENTS.get(where, ())):
        return True
    return region in _PAIRS.get(where, ())


def far_away(bucket: SafeText, location: str, region: str) -> str:
    """Say in one line that a bucket is far from a service, and the mend; empty if it is not."""
    if is_near(location, region):
        return ""
    return tr(
        "gs://{bucket} is in {where} and the service in {region}: every cold start would fetch "
        "the model from there, slowly and for money; make a bucket in {region} (zimage-console "
        "models bucket --create --name NAME --region {region} --apply)",
        bucket=bucket,
        where=location.lower(),
        region=region,
    )


def region_problem(bucket: SafeText, location: str, region: str) -> str:
    """Return `far_away` with the flags that help; empty if the bucket is not far."""
    if is_near(location, region):
        return ""
    return tr(
        "gs://{bucket} is in {where} and the service in {region}: every cold start would fetch "
        "the model from there, slowly and for money; make a bucket in {region} (zimage-console "
        "models bucket --create --name NAME --region {region} --apply) and name it by --bucket, "
        "or add --any-region",
        bucket=bucket,
        where=location.lower(),
        region=region,
    )
