"""The bucket that a new sandbox begins with: the bundled demo model."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final

import engine.schema
from console.sandbox.storage.buckets import Buckets
from console.sandbox.storage.records import JsonObject
from console.sandbox.storage.warehouse import Draft, Warehouse

MODELS_BUCKET: Final = "sandbox-z-image-models"
DEMO_FILES: Final = Path(engine.schema.__file__).parent / "demo" / "files"


async def seed(warehouse: Warehouse, buckets: Buckets, region: str, files: Path) -> None:
    """Make `MODELS_BUCKET` in `region` with a copy of `files`; raises `OSError`."""
    settings: JsonObject = {
        "location": region,
        "iamConfiguration": {
            "uniformBucketLevelAccess": {"enabled": True},
            "publicAccessPrevention": "enforced",
        },
    }
    # An earlier attempt may have been cut short.
    made = warehouse.catalogue.bucket(MODELS_BUCKET)
    bucket = made or buckets.make(MODELS_BUCKET, settings)
    for file in await asyncio.to_thread(_in, files):
        incoming = warehouse.incoming()
        try:
            await incoming.copy([file])
        finally:
            incoming.close()
        kind = "text/markdown" if file.suffix == ".md" else "application/octet-stream"
        draft = replace(Draft.of(incoming), properties={"contentType": kind})
        warehouse.store(bucket, file.name, draft)


def _in(directory: Path) -> list[Path]:
    return sorted(file for file in directory.iterdir() if file.is_file())
