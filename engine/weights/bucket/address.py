"""What names a model in a bucket: `gs://BUCKET` or `gs://BUCKET/FOLDER`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

SCHEME: Final = "gs://"

# https://cloud.google.com/storage/docs/buckets#naming
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_MAX_FOLDER_BYTES: Final = 900


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """A bucket and the folder of it that holds a model; an empty folder is the bucket itself."""

    bucket: str
    folder: str = ""

    @classmethod
    def parse(cls, text: str) -> BucketAddress:
        """Return the address that `text` is; raises `ValueError` with the mend."""
        bucket, _, folder = text.removeprefix(SCHEME).partition("/")
        if not text.startswith(SCHEME) or not _BUCKET.fullmatch(bucket):
            raise ValueError("write gs://BUCKET or gs://BUCKET/FOLDER, the bucket in lower case")
        folder = folder.rstrip("/")
        parts = folder.split("/")
        if folder and ("" in parts or not folder.isprintable()):
            raise ValueError("write the folder after the bucket, for example gs://BUCKET/models")
        if len(folder.encode()) > _MAX_FOLDER_BYTES:
            raise ValueError("its folder is longer than a name of an object can be")
        return cls(bucket, folder)

    def __str__(self) -> str:
        return SCHEME + self.bucket + (f"/{self.folder}" if self.folder else "")
