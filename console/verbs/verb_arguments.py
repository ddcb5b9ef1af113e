"""What the command line says of the verbs that only look, and of `generate`."""

from __future__ import annotations

import argparse
from typing import Final

from console.language import tr, tr_later

_LOG_EXAMPLES: Final = tr_later("""\
QUERY is as on the screen of the log: words, "a phrase", ~regular|expression, severity>=WARNING,
origin=platform, status>=500, latency>2s, from=14:00, to=15:00; after --, -word means lines
without it.

examples:
  zimage-console logs --context sandbox --since 2h              the last two hours
  zimage-console logs --context P/R/S -f --severity warning     what goes wrong, as it does
  zimage-console logs --context P/R/S 'status>=500' --since 1d  requests that failed
  zimage-console logs --context P/R/S --json | jq '.lines[].message'
""")
_STARTS_EXAMPLES: Final = tr_later("""\
Starts are told from the history on this machine and from the log; nothing is woken for it.

examples:
  zimage-console coldstarts --context P/R/S                     the last week, and why
  zimage-console coldstarts --context P/R/S --since 30d --limit 5
  zimage-console coldstarts --json | jq '.starts[0].findings[].mend'
""")
_COST_EXAMPLES: Final = tr_later("""\
Every figure is an estimate from list prices; nothing is woken to make it.

examples:
  zimage-console cost                              what the engine here would cost in the cloud
  zimage-console cost --context P/R/S              this month so far, what for, and what if
  zimage-console cost --context P/R/S --free shared     how much the free tier can change of it
  zimage-console cost --context P/R/S --month-zone America/Los_Angeles     months as Google bills
  zimage-console cost --context sandbox --json | jq '.report.so_far.usd'
""")


def add_generate(generate: argparse.ArgumentParser) -> None:
    """Add what `generate` alone takes."""
    generate.add_argument("prompt", help=tr("what the picture shows"))
    generate.add_argument(
        "-o", "--output", metavar="FILE", help=tr("where to; a file of that name is replaced")
    )
    generate.add_argument(
        "--size", metavar="WxH", help=tr("in pixels; the model's own unless given")
    )
    generate.add_argument("--steps", type=int, metavar="N", help=tr("denoising steps (8)"))
    generate.add_argument(
        "--seed", type=int, metavar="N", help=tr("the same seed, the same picture")
    )


def add_starts(starts: argparse.ArgumentParser) -> None:
    """Add what `coldstarts` alone takes."""
    starts.epilog = tr(_STARTS_EXAMPLES)
    starts.formatter_class = argparse.RawDescriptionHelpFormatter
    starts.add_argument("--since", metavar="SPAN", help=tr("from when on: 2h, 7d, 14:00 (7d)"))
    starts.add_argument("--limit", type=_count, metavar="N", help=tr("the newest N (20)"))


def add_cost(cost: argparse.ArgumentParser) -> None:
    """Add what `cost` alone takes."""
    cost.epilog = tr(_COST_EXAMPLES)
    cost.formatter_class = argparse.RawDescriptionHelpFormatter
    cost.add_argument(
        "--month-zone", metavar="ZONE", help=tr("where days and months begin at midnight (UTC)")
    )
    cost.add_argument(
        "--free",
        choices=("none", "shared", "alone"),
        help=tr("how much of the billing account's free tier is this service's (none)"),
    )


def add_logs(logs: argparse.ArgumentParser) -> None:
    """Add what `logs` alone takes."""
    logs.epilog = tr(_LOG_EXAMPLES)
    logs.formatter_class = argparse.RawDescriptionHelpFormatter
    logs.add_argument("query", nargs="*", metavar="QUERY", help=tr("which lines; all must hold"))
    logs.add_argument(
        "-f",
        "--follow",
        action="store_true",
        help=tr("go on until interrupted; JSON is in lines then"),
    )
    logs.add_argument("--since", metavar="SPAN", help=tr("from when on: 30m, 2h, 7d, 14:00 (1h)"))
    logs.add_argument(
        "--severity", metavar="NAME", help=tr("debug, info, warning or error, at least")
    )
    logs.add_argument("--grep", metavar="TEXT", help=tr("lines that say so, in whatever case"))
    logs.add_argument("--instance", metavar="ID", help=tr("lines of this instance, or how it ends"))
    logs.add_argument("--revision", metavar="NAME", help=tr("lines of this revision"))
    logs.add_argument(
        "--limit", type=_count, metavar="N", help=tr("the latest N (1000; before following 10)")
    )


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:7]) <= 1_000_000):
        raise argparse.ArgumentTypeError(tr("{text!r} is no number from 0 to 1000000", text=text))
    return int(text)
