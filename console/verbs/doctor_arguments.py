"""What the command line says of `doctor`."""

from __future__ import annotations

import argparse
from typing import Final

from console.language import tr, tr_later

_EXAMPLES: Final = tr_later("""\
Nothing is changed and nothing is woken; the commands that mend are for you to run.

examples:
  zimage-console doctor                                this machine, for an engine here
  zimage-console doctor --context P/R/S --gpu          can one GPU be deployed there?
  zimage-console doctor --context P/R/S --for look     all that watching it takes, and no more
  zimage-console doctor --context sandbox              a Google Cloud for practice
  zimage-console doctor --json | jq -r '.findings[] | select(.state=="wrong").mends[].command'
""")


def add_doctor(doctor: argparse.ArgumentParser) -> None:
    """Add what `doctor` alone takes."""
    doctor.epilog = tr(_EXAMPLES)
    doctor.formatter_class = argparse.RawDescriptionHelpFormatter
    shape = doctor.add_mutually_exclusive_group()
    shape.add_argument(
        "--cpu", action="store_true", help=tr("look at what a service on processors alone takes")
    )
    shape.add_argument("--gpu", action="store_true", help=tr("look at what one with a GPU takes"))
    doctor.add_argument(
        "--for",
        dest="purpose",
        choices=("deploy", "look"),
        help=tr("what has to be possible; unsaid, a login that may change nothing is to look"),
    )
