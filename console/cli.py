"""The command line: what was asked for, decided before anything heavy is imported.

Exit codes: 0 done, 1 failed, 2 usage, 3 refused by a safety rule, and 130, 143 and 129 when
SIGINT, SIGTERM or SIGHUP ended it. Data goes to standard output, messages to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Final, NoReturn, TextIO

from console import paths
from console.config import PICTURE_MODES, Config, ConfigError, language_configured, load
from console.language import ENGLISH, use
from console.language.choosing import FLAG, language_asked_for
from console.recording_flags import add_recording, check_recording, run_console
from console.terminal.capabilities import can_host_screen
from console.terminal.encoding import spell_what_is_lacking
from console.terminal.last_look import PrintedOnly
from console.terminal.sanitise import sanitise
from console.verbs.complaint import complain
from console.verbs.deploy_arguments import add_deploying
from console.verbs.doctor_arguments import add_doctor
from console.verbs.models_arguments import add_models
from engine.schema import InvalidRequest

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
REFUSED: Final = 3
INTERRUPTED: Final = 130

_EXAMPLES: Final = """\
examples:
  zimage-console                                  open the console, with an engine on this machine
  zimage-console --models ~/models/z-image        use these model files
  zimage-console generate "a red circle" -o a.png make one picture without the console
  zimage-console status --json                    start the engine, say how that went, end it
  zimage-console logs -f --context sandbox        what a service writes, as it does
  zimage-console cost --context sandbox           what a service costs, and why
  zimage-console deploy --gpu --context P/R/S     what it takes to deploy; --apply does it
  zimage-console --context sandbox                look after a Google Cloud for practice
  zimage-console --record bug.jsonl.gz            put on record what it is told, without secrets
  zimage-console --replay bug.jsonl.gz --speed 5  see that again, anywhere, asking nobody
"""
_LOG_EXAMPLES: Final = """\
QUERY is as on the screen of the log: words, "a phrase", ~regular|expression, severity>=WARNING,
origin=platform, status>=500, latency>2s, from=14:00, to=15:00; after --, -word means lines
without it.

examples:
  zimage-console logs --context sandbox --since 2h              the last two hours
  zimage-console logs --context P/R/S -f --severity warning     what goes wrong, as it does
  zimage-console logs --context P/R/S 'status>=500' --since 1d  requests that failed
  zimage-console logs --context P/R/S --json | jq '.lines[].message'
"""
_STARTS_EXAMPLES: Final = """\
Starts are told from the history on this machine and from the log; nothing is woken for it.

examples:
  zimage-console coldstarts --context P/R/S                     the last week, and why
  zimage-console coldstarts --context P/R/S --since 30d --limit 5
  zimage-console coldstarts --json | jq '.starts[0].findings[].mend'
"""
_COST_EXAMPLES: Final = """\
Every figure is an estimate from list prices; nothing is woken to make it.

examples:
  zimage-console cost                              what the engine here would cost in the cloud
  zimage-console cost --context P/R/S              this month so far, what for, and what if
  zimage-console cost --context P/R/S --free shared     how much the free tier can change of it
  zimage-console cost --context P/R/S --month-zone America/Los_Angeles     months as Google bills
  zimage-console cost --context sandbox --json | jq '.report.so_far.usd'
"""
_SETTINGS: Final = ("context", "models", "pictures", "images", "read_only", "lang")


class _Parser(argparse.ArgumentParser):
    """Refuses in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {sanitise(message)}; see {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    use(_language(sys.argv[1:] if argv is None else argv))
    data, messages = PrintedOnly(sys.stdout), PrintedOnly(sys.stderr)
    with redirect_stdout(data), redirect_stderr(messages):
        return _answered(argv)


def _language(argv: Sequence[str]) -> str:
    """Return what to speak; what programs read is in English."""
    if "--json" in argv:
        return ENGLISH
    configured = language_configured(paths.configuration_file())
    return language_asked_for(argv, os.environ, configured)


def _answered(argv: Sequence[str] | None) -> int:
    try:
        arguments = vars(parser().parse_args(argv))
        return _run(arguments, os.environ)
    except (ConfigError, InvalidRequest) as error:
        return complain(error, USAGE)
    except KeyboardInterrupt:
        return complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough of it; flushing at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if os.environ.get("ZIMAGE_DEBUG") == "1":
            raise
        said = " ".join(str(error).split()) or type(error).__name__
        return complain(f"{said} (this is a defect; ZIMAGE_DEBUG=1 shows where)", FAILED)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    root = _Parser(
        prog="zimage-console",
        description="Operator console for the Z-Image text-to-image engine.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    root.add_argument("--version", action=_Version, nargs=0, help="print the version and leave")
    _add_settings(root)
    add_recording(root)
    verbs = root.add_subparsers(
        dest="verb",
        metavar="VERB",
        parser_class=_Parser,
    )
    status = verbs.add_parser(
        "status", help="say how the service is, or how the engine starts", allow_abbrev=False
    )
    starts = verbs.add_parser(
        "coldstarts", help="say why starts took as long as they did", allow_abbrev=False
    )
    logs = verbs.add_parser(
        "logs", help="print what a service wrote, or writes", allow_abbrev=False
    )
    cost = verbs.add_parser("cost", help="say what a service costs, and why", allow_abbrev=False)
    models = verbs.add_parser("models", help="look after model files", allow_abbrev=False)
    add_models(models, _add_settings)
    doctor = verbs.add_parser(
        "doctor",
        help="say what is wrong here or in the cloud, and what mends it",
        allow_abbrev=False,
    )
    add_doctor(doctor)
    add_deploying(verbs, _add_settings)
    generate = verbs.add_parser("generate", help="make one picture", allow_abbrev=False)
    generate.add_argument("prompt", help="what the picture shows")
    generate.add_argument(
        "-o", "--output", metavar="FILE", help="where to; a file of that name is replaced"
    )
    generate.add_argument("--size", metavar="WxH", help="in pixels; the model's own unless given")
    generate.add_argument("--steps", type=int, metavar="N", help="denoising steps (8)")
    generate.add_argument("--seed", type=int, metavar="N", help="the same seed, the same picture")
    for verb in (status, starts, logs, cost, doctor, generate):
        _add_settings(verb)
        verb.add_argument("--json", action="store_true", help="one JSON document as the answer")
    _add_start_flags(starts)
    _add_log_flags(logs)
    _add_cost_flags(cost)
    return root


def _add_start_flags(starts: argparse.ArgumentParser) -> None:
    starts.epilog = _STARTS_EXAMPLES
    starts.formatter_class = argparse.RawDescriptionHelpFormatter
    starts.add_argument("--since", metavar="SPAN", help="from when on: 2h, 7d, 14:00 (7d)")
    starts.add_argument("--limit", type=_count, metavar="N", help="the newest N (20)")


def _add_cost_flags(cost: argparse.ArgumentParser) -> None:
    cost.epilog = _COST_EXAMPLES
    cost.formatter_class = argparse.RawDescriptionHelpFormatter
    cost.add_argument(
        "--month-zone", metavar="ZONE", help="where days and months begin at midnight (UTC)"
    )
    cost.add_argument(
        "--free",
        choices=("none", "shared", "alone"),
        help="how much of the billing account's free tier is this service's (none)",
    )


def _add_log_flags(logs: argparse.ArgumentParser) -> None:
    logs.epilog = _LOG_EXAMPLES
    logs.formatter_class = argparse.RawDescriptionHelpFormatter
    logs.add_argument("query", nargs="*", metavar="QUERY", help="which lines; all must hold")
    logs.add_argument(
        "-f", "--follow", action="store_true", help="go on until interrupted; JSON is in lines then"
    )
    logs.add_argument("--since", metavar="SPAN", help="from when on: 30m, 2h, 7d, 14:00 (1h)")
    logs.add_argument("--severity", metavar="NAME", help="debug, info, warning or error, at least")
    logs.add_argument("--grep", metavar="TEXT", help="lines that say so, in whatever case")
    logs.add_argument("--instance", metavar="ID", help="lines of this instance, or how it ends")
    logs.add_argument("--revision", metavar="NAME", help="lines of this revision")
    logs.add_argument(
        "--limit", type=_count, metavar="N", help="the latest N (1000; before following 10)"
    )


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:7]) <= 1_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1000000")
    return int(text)


def _add_settings(to: argparse.ArgumentParser) -> None:
    """Add what every verb takes; not given means not set, so that a verb hides no earlier flag."""
    absent = argparse.SUPPRESS
    to.add_argument(
        "--context",
        default=absent,
        metavar="NAME",
        help="what to look after: local, sandbox or PROJECT/REGION/SERVICE",
    )
    to.add_argument(
        "--models", default=absent, metavar="DIR", help="model files; the bundled demo unless given"
    )
    to.add_argument(
        "--pictures", default=absent, metavar="DIR", help="where pictures are saved by themselves"
    )
    to.add_argument(
        "--images", default=absent, choices=PICTURE_MODES, help="how the terminal draws pictures"
    )
    to.add_argument(
        FLAG, default=absent, metavar="LANG", help="speak en or zh; as the locale says unless given"
    )
    to.add_argument(
        "--read-only",
        action="store_true",
        default=absent,
        help="refuse whatever changes the service or may cost money",
    )


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"zimage-console {version('zimage-console')}")
        except PackageNotFoundError:
            print("zimage-console, not installed: run from its source")
        parser.exit()


def _run(arguments: Mapping[str, object], environment: Mapping[str, str]) -> int:
    check_recording(arguments)
    flags = {name: arguments.get(name) for name in _SETTINGS}
    config = load(flags, environment, paths.configuration_file())
    if arguments["verb"] is not None:
        spell_what_is_lacking(sys.stdout, sys.stderr)
    match arguments["verb"]:
        case None:
            return _open_console(config, environment, arguments)
        case "status":
            from console.verbs.headless import status

            return status(config, as_json=arguments["json"] is True)
        case "coldstarts":
            from console.verbs.coldstarts import coldstarts

            return coldstarts(config, arguments)
        case "logs":
            from console.verbs.logs import logs

            return logs(config, arguments)
        case "cost":
            from console.verbs.cost import cost

            return cost(config, arguments)
        case "models":
            from console.verbs.models import models

            return models(config, arguments)
        case "doctor":
            from console.verbs.doctor import doctor

            return doctor(config, arguments)
        case "deploy":
            from console.verbs.deploy import deploy

            return deploy(config, arguments)
        case "scale" | "rollback" | "traffic" | "destroy":
            from console.verbs.deploy import move

            return move(config, arguments)
        case _:
            from console.verbs.headless import generate

            return generate(config, arguments)


def _open_console(
    config: Config, environment: Mapping[str, str], arguments: Mapping[str, object]
) -> int:
    problem = screen_problem(sys.stdin, sys.stderr, environment)
    if problem is not None:
        hint = "without a screen: zimage-console status, coldstarts, logs, cost and generate"
        return complain(f"{problem}; {hint}", USAGE)
    from console.ending import end_at_once

    return end_at_once(run_console(config, arguments))


def screen_problem(keys: TextIO, screen: TextIO, environment: Mapping[str, str]) -> str | None:
    """Say why no full-screen console can be opened; None when one can.

    Textual reads keys from standard input and draws on standard error.
    """
    if not keys.isatty():
        return "the console needs a terminal, and standard input is none"
    if not screen.isatty():
        return "the console draws on standard error, which is no terminal"
    if not can_host_screen(environment):
        term = environment.get("TERM", "")
        return f"the console needs a terminal that can move its cursor (TERM is {term!r})"
    return None
