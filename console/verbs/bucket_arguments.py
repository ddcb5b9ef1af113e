"""What the command line says of `models bucket`."""

from __future__ import annotations

import argparse
from typing import Final

from console.language import tr, tr_later

_EXAMPLES: Final = tr_later(
    """\
Without --apply nothing is changed: it says what would be, why, what that costs, and the commands
that do the same and undo it. Without --name it is the bucket that the service mounts, or else
PROJECT-z-image-models.

examples:
  zimage-console models bucket --context P/R/S                      is the bucket as it should be?
  zimage-console models bucket --context P/R/S --apply              mend what can be mended
  zimage-console models bucket --create --context P/R/S             what would be made
  zimage-console models bucket --create --apply --context P/R/S     make it
"""
)


def add_bucket(bucket: argparse.ArgumentParser) -> None:
    """Add the flags of `models bucket`."""
    bucket.epilog = tr(_EXAMPLES)
    bucket.formatter_class = argparse.RawDescriptionHelpFormatter
    bucket.add_argument("--create", action="store_true", help=tr("make it if there is none"))
    bucket.add_argument("--apply", action="store_true", help=tr("carry out what has to be done"))
    bucket.add_argument("--name", metavar="NAME", help=tr("this bucket, not the service's"))
    bucket.add_argument("--region", metavar="R", help=tr("where it is to be; where the service is"))
    bucket.add_argument(
        "--soft-delete",
        choices=("0", "7"),
        help=tr("days for which what is deleted can be restored, and is paid for (a new one: 7)"),
    )
    bucket.add_argument("--json", action="store_true", help=tr("one JSON document as the answer"))
