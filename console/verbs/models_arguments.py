"""What the command line says of `models` and its verbs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

from console.language import tr, tr_later
from console.verbs.bucket_arguments import add_bucket
from console.verbs.pull_arguments import add_pull, directory

_EXAMPLES: Final = tr_later(
    """\
The bucket is the one that the service has its model from, or the one named by --bucket.

examples:
  zimage-console models pull ~/models/z-image          fetch the published files
  zimage-console models push ~/models/z-image --plan --context P/R/S   what that would take
  zimage-console models push ~/models/z-image --context P/R/S --limit 5M
  zimage-console models verify ~/models/z-image --context P/R/S
  zimage-console models bucket --create --apply --context P/R/S    make one with safe settings
  zimage-console models list --context P/R/S           what is in the bucket, and what it costs
"""
)

Settings = Callable[[argparse.ArgumentParser], None]


def add_models(models: argparse.ArgumentParser, add_settings: Settings) -> None:
    """Add the verbs of `models`; `add_settings` adds what every verb takes."""
    models.epilog = tr(_EXAMPLES)
    models.formatter_class = argparse.RawDescriptionHelpFormatter
    verbs = models.add_subparsers(
        dest="models_verb",
        metavar="push | pull | verify | list | bucket",
        required=True,
        parser_class=type(models),
    )
    push = verbs.add_parser("push", help=tr("put model files into the bucket"), allow_abbrev=False)
    _add_push(push)
    pull = verbs.add_parser("pull", help=tr("fetch the published files"), allow_abbrev=False)
    add_settings(pull)
    add_pull(pull)
    verify = verbs.add_parser(
        "verify",
        help=tr("compare what is in the bucket with what it should be"),
        allow_abbrev=False,
    )
    verify.add_argument(
        "directory",
        nargs="?",
        type=directory,
        metavar="DIR",
        help=tr("with these files, which are read here"),
    )
    verify.add_argument(
        "--read",
        action="store_true",
        help=tr("with the checksums noted when it was sent; fetches all of it, which is paid for"),
    )
    bucket = verbs.add_parser(
        "bucket",
        help=tr("make the bucket, or see whether it is as it should be"),
        allow_abbrev=False,
    )
    add_settings(bucket)
    add_bucket(bucket)
    listing = verbs.add_parser("list", help=tr("say what is in the bucket"), allow_abbrev=False)
    for verb in (push, verify, listing):
        add_settings(verb)
        _add_bucket(verb)
        verb.add_argument("--json", action="store_true", help=tr("one JSON document as the answer"))


def _add_push(push: argparse.ArgumentParser) -> None:
    push.add_argument(
        "directory", type=directory, metavar="DIR", help=tr("where the model files are")
    )
    push.add_argument(
        "--plan", action="store_true", help=tr("say what would be sent, and send nothing of it")
    )
    push.add_argument(
        "--replace", action="store_true", help=tr("put files in the place of others of their names")
    )
    push.add_argument(
        "--beside",
        action="store_true",
        help=tr("send a part although the bucket has another for it"),
    )
    push.add_argument(
        "--any-region", action="store_true", help=tr("use a bucket that is far from the service")
    )
    push.add_argument("--limit", metavar="RATE", help=tr("bytes a second at most: 20M, 100Mbit"))
    push.add_argument(
        "--threads",
        type=_threads,
        metavar="N",
        help=tr("parts sent side by side, 1 to 32 (8, on a slow way fewer)"),
    )


def _threads(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 32):
        raise argparse.ArgumentTypeError(tr("{text!r} is no number from 1 to 32", text=text))
    return int(text)


def _add_bucket(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--bucket", metavar="NAME", help=tr("this bucket, not the service's"))
