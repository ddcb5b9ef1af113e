"""Buckets that belong to somebody else: their names are taken, and nothing is told of them.

All of Google Cloud shares the names of buckets, so a good one is likely to be gone.
"""

from __future__ import annotations

from typing import Final

from console.sandbox.storage.disturbances import PRINCIPAL
from console.sandbox.storage.refusals import Refused

SOMEBODY_ELSES: Final = frozenset({"z-image-models", "models"})
_VERBS: Final = {"GET": "get", "HEAD": "get", "DELETE": "delete", "POST": "create"}


def not_available() -> Refused:
    """Say that a bucket cannot be made because somebody else has one of its name."""
    return Refused(
        409,
        "conflict",
        "The requested bucket name is not available. The bucket namespace is shared by all users "
        "of the system. Please select a different name and try again.",
        "BucketAlreadyExists",
    )


def refuse_others(method: str, bucket: str = "", *path: str) -> None:
    """Raise `Refused` if a request is about somebody else's bucket, or about what is in one.

    `path` is what follows the bucket's name.
    """
    if bucket not in SOMEBODY_ELSES:
        return
    match path:
        case ["o", *rest]:
            listing = method == "GET" and not "".join(rest)
            verb = "list" if listing else _VERBS.get(method, "update")
            permission = f"storage.objects.{verb}"
        case ["iam"]:
            permission = f"storage.buckets.{'get' if method == 'GET' else 'set'}IamPolicy"
        case _:
            permission = f"storage.buckets.{_VERBS.get(method, 'update')}"
    what = "object" if "objects" in permission else "bucket"
    raise Refused(
        403,
        "forbidden",
        f"{PRINCIPAL} does not have {permission} access to the Google Cloud Storage {what}. "
        f"Permission '{permission}' denied on resource (or it may not exist).",
    )
