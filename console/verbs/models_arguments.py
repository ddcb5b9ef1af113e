"""What the command line says of `models` and its verbs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

from console.verbs.pull_arguments import add_pull

_EXAMPLES: Final = """\
The bucket is the one that the service has its model from, or the one named by --bucket.

examples:
  zimage-console models pull ~/models/z-image          fetch the published files
  zimage-console models list --context P/R/S           what is in the bucket, and what it costs
"""

Settings = Callable[[argparse.ArgumentParser], None]


def add_models(models: argparse.ArgumentParser, add_settings: Settings) -> None:
    """Add the verbs of `models`; `add_settings` adds what every verb takes."""
    models.epilog = _EXAMPLES
    models.formatter_class = argparse.RawDescriptionHelpFormatter
    verbs = models.add_subparsers(
        dest="models_verb", metavar="pull | list", required=True, parser_class=type(models)
    )
    pull = verbs.add_parser("pull", help="fetch the published files", allow_abbrev=False)
    add_settings(pull)
    add_pull(pull)
    listing = verbs.add_parser("list", help="say what is in the bucket", allow_abbrev=False)
    for verb in (listing,):
        add_settings(verb)
        _add_bucket(verb)
        verb.add_argument("--json", action="store_true", help="one JSON document as the answer")


def _add_bucket(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--bucket", metavar="NAME", help="this bucket, not the service's")
