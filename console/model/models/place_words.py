"""Where a bucket is, and how large what is in it, in words."""

from __future__ import annotations

from typing import Final

from console.language import tr, tr_later

SIZE_HEAD: Final = tr_later(" size")
"""What stands over sizes of files, at the right of its column: the space tells it from the size of
a picture, which other languages have another word for."""


def bucket_and_place(bucket: str, region: str) -> str:
    """Return a bucket with the region that it is in, empty where nobody said that."""
    if not region:
        return f"gs://{bucket}"
    return tr("gs://{bucket} in {region}", bucket=bucket, region=region)
