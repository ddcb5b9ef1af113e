"""The command line: what was asked for, decided before anything heavy is imported.

Exit codes: 0 done, 1 failed, 2 usage, 3 refused by a safety rule, and 130, 143 and 129 when
SIGINT, SIGTERM or SIGHUP ended it. Data goes to standard output, messages to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn, TextIO

from console import paths
from console.config import PICTURE_MODES, Config, ConfigError, load
from console.terminal.capabilities import can_host_screen
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
  zimage-console --context sandbox                look after a Google Cloud for practice
"""
_SETTINGS: Final = ("context", "models", "pictures", "images", "read_only")


class _Parser(argparse.ArgumentParser):
    """Refuses in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        arguments = vars(parser().parse_args(argv))
        return _run(arguments, os.environ)
    except (ConfigError, InvalidRequest) as error:
        return _complain(error, USAGE)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough of it; flushing at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if os.environ.get("ZIMAGE_DEBUG") == "1":
            raise
        said = " ".join(str(error).split()) or type(error).__name__
        return _complain(f"{said} (this is a defect; ZIMAGE_DEBUG=1 shows where)", FAILED)


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
    verbs = root.add_subparsers(dest="verb", metavar="status | generate", parser_class=_Parser)
    status = verbs.add_parser(
        "status", help="say how the service is, or how the engine starts", allow_abbrev=False
    )
    generate = verbs.add_parser("generate", help="make one picture", allow_abbrev=False)
    generate.add_argument("prompt", help="what the picture shows")
    generate.add_argument(
        "-o", "--output", metavar="FILE", help="where to; a file of that name is replaced"
    )
    generate.add_argument("--size", metavar="WxH", help="in pixels; the model's own unless given")
    generate.add_argument("--steps", type=int, metavar="N", help="denoising steps (8)")
    generate.add_argument("--seed", type=int, metavar="N", help="the same seed, the same picture")
    for verb in (status, generate):
        _add_settings(verb)
        verb.add_argument("--json", action="store_true", help="one JSON document as the answer")
    return root


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
    flags = {name: arguments.get(name) for name in _SETTINGS}
    config = load(flags, environment, paths.configuration_file())
    match arguments["verb"]:
        case None:
            return _open_console(config, environment)
        case "status":
            from console.headless import status

            return status(config, as_json=arguments["json"] is True)
        case _:
            from console.headless import generate

            return generate(config, arguments)


def _open_console(config: Config, environment: Mapping[str, str]) -> int:
    problem = screen_problem(sys.stdin, sys.stderr, environment)
    if problem is not None:
        hint = "without a screen: zimage-console status, zimage-console generate"
        return _complain(f"{problem}; {hint}", USAGE)
    from console.launch import run

    return run(config)


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


def _complain(why: object, code: int) -> int:
    print(f"zimage-console: {why}", file=sys.stderr)
    return code
