"""The engine's command line: `serve`, `generate`, `inspect`, `convert` and `bench`.

Exit codes: 0 done, 1 failed, 2 usage, 130, 143 and 129 when SIGINT, SIGTERM or SIGHUP ended it
(`serve` answers SIGTERM with a drain and 0). Data goes to standard output, messages to standard
error. A subcommand is imported when it is the one to run, so that `serve` has its port open
within a tenth of a second.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence

from engine.cli.arguments import parse
from engine.errors import EngineError, one_line
from engine.printable import printable_line
from engine.schema import InvalidRequest
from engine.settings import InvalidSetting
from engine.sharing import wait_briefly

FAILED = 1
USAGE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = parse(sys.argv[1:] if argv is None else argv)
    wait_briefly(os.environ)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal or a locale that lacks a character must not end the program.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments.get("command"), arguments, os.environ)
        sys.stdout.flush()
        return code
    except (InvalidSetting, InvalidRequest) as error:
        return _complain(error, USAGE)
    except EngineError as error:
        return _complain(error, FAILED)
    except BrokenPipeError:
        # Whoever read our output has enough of it; flushing at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return _complain(f"input or output failed: {error}", FAILED)
    except ModuleNotFoundError as error:
        return _complain(one_line(error), FAILED)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except Exception as error:
        if os.environ.get("ZIMAGE_DEBUG") == "1":
            raise
        hint = "this is a defect; ZIMAGE_DEBUG=1 shows where it happened"
        return _complain(f"{one_line(error)} ({hint})", FAILED)


def _run(command: str | None, flags: Mapping[str, str | None], environ: Mapping[str, str]) -> int:
    match command:
        case "serve":
            from engine.cli.serve import serve as subcommand
        case "generate":
            from engine.cli.generate import generate as subcommand
        case "convert":
            from engine.cli.convert import convert as subcommand
        case "bench":
            from engine.cli.bench import bench as subcommand
        case _:
            from engine.cli.inspect import inspect as subcommand
    return subcommand(flags, environ)


def _complain(why: object, code: int) -> int:
    print(f"engine: {printable_line(str(why))}", file=sys.stderr)
    return code
