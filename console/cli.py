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
from typing import Final, TextIO

from console import paths
from console.config import PICTURE_MODES, THEMES, Config, ConfigError, language_configured, load
from console.language import ENGLISH, tr, tr_later, use
from console.language.choosing import FLAG, language_asked_for, language_shown
from console.light_packages import import_lightly
from console.startup.argument_parser import USAGE, Parser, as_spoken
from console.startup.recording_flags import add_recording, check_recording, run_console
from console.terminal.capabilities import can_host_screen
from console.terminal.encoding import spell_what_is_lacking
from console.terminal.last_look import PrintedOnly
from console.verbs.complaint import complain
from console.verbs.deploy_arguments import add_deploying
from console.verbs.doctor_arguments import add_doctor
from console.verbs.models_arguments import add_models
from console.verbs.verb_arguments import add_cost, add_generate, add_logs, add_starts
from engine.schema import InvalidRequest

DONE: Final = 0
FAILED: Final = 1
REFUSED: Final = 3
INTERRUPTED: Final = 130

_EXAMPLES: Final = tr_later("""\
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
""")
_SETTINGS: Final = (
    "context",
    "models",
    "pictures",
    "images",
    "read_only",
    "lang",
    "theme",
    "ascii",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    import_lightly()
    use(_language(sys.argv[1:] if argv is None else argv))
    data, messages = PrintedOnly(sys.stdout), PrintedOnly(sys.stderr)
    with redirect_stdout(data), redirect_stderr(messages):
        return _answered(argv)


def _language(argv: Sequence[str]) -> str:
    """Return what to speak; what programs read is in English."""
    if "--json" in argv:
        return ENGLISH
    configured = language_configured(paths.configuration_file())
    asked = language_asked_for(argv, os.environ, configured)
    return language_shown(asked, os.environ, (sys.stdout, sys.stderr))


def _answered(argv: Sequence[str] | None) -> int:
    try:
        with as_spoken():
            arguments = vars(parser().parse_args(argv))
        return _run(arguments, os.environ)
    except (ConfigError, InvalidRequest) as error:
        return complain(error, USAGE)
    except KeyboardInterrupt:
        return complain(tr("interrupted"), INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough of it; flushing at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if os.environ.get("ZIMAGE_DEBUG") == "1":
            raise
        said = " ".join(str(error).split()) or type(error).__name__
        return complain(
            tr("{why} (this is a defect; ZIMAGE_DEBUG=1 shows where)", why=said), FAILED
        )


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    root = Parser(
        prog="zimage-console",
        description=tr("Operator console for the Z-Image text-to-image engine."),
        epilog=tr(_EXAMPLES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    root.add_argument("--version", action=_Version, nargs=0, help=tr("print the version and leave"))
    _add_settings(root)
    _add_looks(root)
    add_recording(root)
    verbs = root.add_subparsers(
        dest="verb",
        metavar="VERB",
        parser_class=Parser,
    )
    status = verbs.add_parser(
        "status", help=tr("say how the service is, or how the engine starts"), allow_abbrev=False
    )
    starts = verbs.add_parser(
        "coldstarts", help=tr("say why starts took as long as they did"), allow_abbrev=False
    )
    logs = verbs.add_parser(
        "logs", help=tr("print what a service wrote, or writes"), allow_abbrev=False
    )
    cost = verbs.add_parser(
        "cost", help=tr("say what a service costs, and why"), allow_abbrev=False
    )
    models = verbs.add_parser("models", help=tr("look after model files"), allow_abbrev=False)
    add_models(models, _add_settings)
    doctor = verbs.add_parser(
        "doctor",
        help=tr("say what is wrong here or in the cloud, and what mends it"),
        allow_abbrev=False,
    )
    add_doctor(doctor)
    add_deploying(verbs, _add_settings)
    generate = verbs.add_parser("generate", help=tr("make one picture"), allow_abbrev=False)
    add_generate(generate)
    for verb in (status, starts, logs, cost, doctor, generate):
        _add_settings(verb)
        verb.add_argument("--json", action="store_true", help=tr("one JSON document as the answer"))
    add_starts(starts)
    add_logs(logs)
    add_cost(cost)
    return root


def _add_looks(root: argparse.ArgumentParser) -> None:
    absent = argparse.SUPPRESS
    root.add_argument(
        "--theme",
        default=absent,
        choices=THEMES,
        help=tr("colours of the console (auto: what the terminal can do)"),
    )
    root.add_argument(
        "--ascii",
        action="store_true",
        default=absent,
        help=tr("frames, bars and marks in ASCII (of itself where the terminal has no more)"),
    )


def _add_settings(to: argparse.ArgumentParser) -> None:
    """Add what every verb takes; not given means not set, so that a verb hides no earlier flag."""
    absent = argparse.SUPPRESS
    to.add_argument(
        "--context",
        default=absent,
        metavar="NAME",
        help=tr("what to look after: local, sandbox or PROJECT/REGION/SERVICE"),
    )
    to.add_argument(
        "--models",
        default=absent,
        metavar="DIR",
        help=tr("model files; the bundled demo unless given"),
    )
    to.add_argument(
        "--pictures",
        default=absent,
        metavar="DIR",
        help=tr("where pictures are saved by themselves"),
    )
    to.add_argument(
        "--images",
        default=absent,
        choices=PICTURE_MODES,
        help=tr("how the terminal draws pictures"),
    )
    to.add_argument(
        FLAG,
        default=absent,
        metavar="LANG",
        help=tr("speak en or zh; as the locale says unless given"),
    )
    to.add_argument(
        "--read-only",
        action="store_true",
        default=absent,
        help=tr("refuse whatever changes the service or may cost money"),
    )


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"zimage-console {version('zimage-console')}")
        except PackageNotFoundError:
            print(tr("zimage-console, not installed: run from its source"))
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
        hint = tr("without a screen: zimage-console status, coldstarts, logs, cost and generate")
        return complain(tr("; ").join((problem, hint)), USAGE)
    from console.startup.ending import end_at_once

    return end_at_once(run_console(config, arguments))


def screen_problem(keys: TextIO, screen: TextIO, environment: Mapping[str, str]) -> str | None:
    """Say why no full-screen console can be opened; None when one can.

    Textual reads keys from standard input and draws on standard error.
    """
    if not keys.isatty():
        return tr("the console needs a terminal, and standard input is none")
    if not screen.isatty():
        return tr("the console draws on standard error, which is no terminal")
    if not can_host_screen(environment):
        term = environment.get("TERM", "")
        return tr(
            "the console needs a terminal that can move its cursor (TERM is {term!r})", term=term
        )
    return None
