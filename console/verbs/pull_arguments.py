"""What the command line says of `models pull`."""

from __future__ import annotations

import argparse
from typing import Final

from console.language import tr, tr_later
from console.model.models.published import DEFAULT_ENCODER, DEFAULT_QUANTISATION

_EXAMPLES: Final = tr_later(
    """\
Files come from the Hugging Face hub, or from the mirror that HF_ENDPOINT names; in China:
  HF_ENDPOINT=https://hf-mirror.com zimage-console models pull ~/models/z-image
None of them needs a login; HF_TOKEN raises the hub's limits and is sent to HF_ENDPOINT alone.
Whatever ends a pull, the same command goes on where it was.

examples:
  zimage-console models pull ~/models/z-image --plan       what would come, and how long it takes
  zimage-console models pull ~/models/z-image --quant Q8_0 --encoder Q8_0
  zimage-console models pull ~/models/z-image --push --context P/R/S   and on to its bucket
  zimage-console --models ~/models/z-image                 use what was pulled
"""
)


def directory(text: str) -> str:
    """Take the name of a directory; an empty one is a variable that was never set."""
    if not text.strip():
        raise argparse.ArgumentTypeError(tr("an empty name is no directory; write . for this one"))
    return text


def add_pull(pull: argparse.ArgumentParser) -> None:
    """Add the flags of `models pull`."""
    pull.epilog = tr(_EXAMPLES)
    pull.formatter_class = argparse.RawDescriptionHelpFormatter
    pull.add_argument(
        "directory",
        type=directory,
        metavar="DIR",
        help=tr("where to; it is made if it is not there"),
    )
    pull.add_argument(
        "--quant",
        default=DEFAULT_QUANTISATION,
        metavar="NAME",
        help=tr(
            "how finely the transformer's weights are kept; --plan lists all ({usual})",
            usual=DEFAULT_QUANTISATION,
        ),
    )
    pull.add_argument(
        "--encoder",
        default=DEFAULT_ENCODER,
        metavar="NAME",
        help=tr("the same of the text encoder ({usual})", usual=DEFAULT_ENCODER),
    )
    pull.add_argument(
        "--plan", action="store_true", help=tr("say what would be done; fetch nothing")
    )
    pull.add_argument(
        "--replace", action="store_true", help=tr("replace other files that have the same names")
    )
    pull.add_argument(
        "--accept-changed",
        action="store_true",
        help=tr("take files whose checksum is not the one that this console knows"),
    )
    pull.add_argument(
        "--push", action="store_true", help=tr("then put them into the bucket, as models push does")
    )
    pull.add_argument("--bucket", metavar="NAME", help=tr("into this bucket, not the service's"))
    pull.add_argument(
        "--beside", action="store_true", help=tr("although the bucket has other files for a part")
    )
    pull.add_argument(
        "--any-region", action="store_true", help=tr("although the bucket is far from the service")
    )
    pull.add_argument("--json", action="store_true", help=tr("one JSON document as the answer"))
