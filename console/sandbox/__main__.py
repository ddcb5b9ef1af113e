"""`python -m console.sandbox`: serve until SIGINT or SIGTERM, or until standard input ends.

One line of JSON on standard output says where, once everything answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import platformdirs

from console.paths import APPLICATION
from console.sandbox.cloud import IDLE_SECONDS, Sandbox
from console.sandbox.fault_command import Active, NotRunning, active, announced, switched
from console.sandbox.faults import MEASURES, BadAmount, Fault, amount_of, read_amount
from console.sandbox.run.demo_service import DEMO
from console.sandbox.run.services import BadState

_EXAMPLES: Final = """\
examples:
  python -m console.sandbox                         serve until interrupted
  python -m console.sandbox --empty                 serve a project in which there is nothing
  python -m console.sandbox fault                   say what goes wrong in the one that runs
  python -m console.sandbox fault network-down on   take its network away
  python -m console.sandbox fault network-down off  and give it back
  python -m console.sandbox fault slow-import on 8  let imports take 8 seconds more
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; returns the exit code: 0 at the end, 1 when the sandbox cannot be opened."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.verb == "fault" and options.turn and options.name is None:
        parser.error(f"name the fault to switch {options.turn}")
    if options.verb == "fault" and options.amount is not None and options.turn != "on":
        parser.error("an amount goes with `on`")
    try:
        if options.verb == "fault":
            print(*_faults(options), sep="\n")
        else:
            asyncio.run(_serve(options))
    except BadAmount as error:
        parser.error(str(error))
    except (BadState, NotRunning) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m console.sandbox",
        description="A Google Cloud on loopback with one service, for nothing but practice.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    state = platformdirs.user_state_path(APPLICATION) / "sandbox"
    parser.add_argument(
        "--state", type=Path, default=state, metavar="DIR", help=f"where state is kept ({state})"
    )
    parser.add_argument(
        "--idle",
        type=_seconds,
        default=IDLE_SECONDS,
        metavar="SECONDS",
        help=f"how long an instance is kept after its last request ({IDLE_SECONDS:g})",
    )
    parser.add_argument(
        "--port", type=_port, default=0, help="the interfaces' port; 0, the default, means any"
    )
    parser.add_argument(
        "--fault",
        type=_fault_and_amount,
        action="append",
        default=[],
        metavar="NAME[=AMOUNT]",
        help=f"what is to go wrong, any of {', '.join(Fault)}, and how much of it, as in "
        "slow-import=8; may be given several times",
    )
    parser.add_argument(
        "--empty",
        action="store_true",
        help="begin with a new project, in which there is nothing, unless there is state already",
    )
    parser.add_argument(
        "--exit-on-stdin-eof", action="store_true", help="end when standard input does"
    )
    _add_fault(parser.add_subparsers(dest="verb", metavar="fault"))
    return parser


def _add_fault(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "say what goes wrong in the sandbox that runs, or switch it"
    fault = verbs.add_parser("fault", help=words, description=words)
    fault.add_argument(
        "name",
        type=_fault_or_all,
        nargs="?",
        metavar="NAME",
        help=f"{', '.join(Fault)}; or list, the default, for all of them",
    )
    fault.add_argument("turn", choices=("on", "off"), nargs="?", help="begin or end it")
    fault.add_argument(
        "amount",
        nargs="?",
        metavar="AMOUNT",
        help="how much of it: bytes a second for slow-mount and storage-slow, seconds for others "
        "that are slow or late",
    )
    fault.add_argument(
        "--state",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="DIR",
        help="where the sandbox keeps its state",
    )


def _faults(options: argparse.Namespace) -> Sequence[str]:
    """Switch what was asked for; return a line for each fault that was asked about.

    Raises `BadAmount`, and `NotRunning`.
    """
    fault: Fault | None = options.name
    if fault is None or options.turn is None:
        on = active(options.state)
    else:
        amount = None if options.amount is None else read_amount(fault, options.amount)
        on = switched(options.state, fault, on=options.turn == "on", amount=amount)
    asked = tuple(Fault) if fault is None else (fault,)
    return [_line(each, on) for each in asked]


def _line(fault: Fault, on: Active) -> str:
    amount = on.get(fault)
    much = "" if amount is None else f" {amount:g} {MEASURES[fault].unit}"
    return f"{fault} {'on' if fault in on else 'off'}{much}"


def _fault_or_all(text: str) -> Fault | None:
    return None if text == "list" else _fault(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0 to 86400")
    return value


def _fault(text: str) -> Fault:
    try:
        return Fault(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no fault; name one of {', '.join(Fault)}"
        ) from None


def _fault_and_amount(text: str) -> tuple[Fault, float | None]:
    name, equals, said = text.partition("=")
    fault = _fault(name)
    try:
        return fault, read_amount(fault, said) if equals else amount_of(fault)
    except BadAmount as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 0 to 65535")
    return int(text)


async def _serve(options: argparse.Namespace) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    if options.exit_on_stdin_eof:
        _end_with_input(loop, ended)
    sandbox = Sandbox(
        options.state,
        environment=os.environ,
        idle_seconds=options.idle,
        port=options.port,
        empty=options.empty,
    )
    for fault, amount in options.fault:
        sandbox.faults.begin(fault, amount)
    async with sandbox:
        addresses = _addresses(sandbox)
        with announced(options.state, addresses):
            print(json.dumps(addresses), flush=True)
            await ended.wait()


def _addresses(sandbox: Sandbox) -> dict[str, object]:
    region = f"{DEMO.project}/{DEMO.region}"
    return {
        "event": "sandbox_open",
        "run": sandbox.endpoints.run,
        "logging": sandbox.endpoints.logging,
        "http": sandbox.endpoints.http,
        "services": {f"{region}/{name}": url for name, url in sandbox.service_urls.items()},
    }


def _end_with_input(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    def watch() -> None:
        try:
            while os.read(0, 65_536):
                pass
        except OSError:
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch, name="sandbox-input", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
