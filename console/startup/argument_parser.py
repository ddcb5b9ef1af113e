"""`argparse` in the language that is spoken: its own words, and help in columns that fit.

What argparse says of its own it looks up with `gettext`, in a domain that takes its language from
the environment alone, which children inherit. So its lookup is put in front of our catalogues
while arguments are described and read.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

from rich.cells import cell_len

from console.language import tr, tr_later, tr_many
from console.language.lines import broken
from console.terminal.sanitise import sanitise

USAGE: Final = 2
ITS_OWN: Final = (
    tr_later("usage: "),
    tr_later("options"),
    tr_later("positional arguments"),
    tr_later("show this help message and exit"),
    tr_later("argument %(argument_name)s: %(message)s"),
    tr_later("unrecognized arguments: %s"),
    tr_later("the following arguments are required: %s"),
    tr_later("one of the arguments %s is required"),
    tr_later("not allowed with argument %s"),
    tr_later("ignored explicit argument %r"),
    tr_later("expected one argument"),
    tr_later("expected at most one argument"),
    tr_later("expected at least one argument"),
    tr_later("ambiguous option: %(option)s could match %(matches)s"),
    tr_later("invalid %(type)s value: %(value)r"),
    tr_later("invalid choice: %(value)r (choose from %(choices)s)"),
)
"""What argparse says to whoever uses a command line, as far as ours can make it."""

_HEADING: Final = re.compile(r"^(\S.*[^\x00-\x7f]):$", re.MULTILINE)


def _counted(one: str, many: str, count: int) -> str:
    if one == "expected %s argument":
        return tr_many("expected %s argument", "expected %s arguments", count)
    return one if count == 1 else many


@contextmanager
def as_spoken() -> Iterator[None]:
    """Let argparse speak as the console does, while arguments are described and read."""
    ours: dict[str, Callable[..., str]] = {"_": tr, "ngettext": _counted}
    before = {name: getattr(argparse, name) for name in ours}
    for name, lookup in ours.items():
        setattr(argparse, name, lookup)
    try:
        yield
    finally:
        for name, lookup in before.items():
            setattr(argparse, name, lookup)


class Parser(argparse.ArgumentParser):
    """Refuses in one line, and lays its help out by columns."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end."""
        said = tr("{program}: {why}; see {program} --help", program=self.prog, why=message)
        self.exit(USAGE, f"{sanitise(said)}\n")

    def _get_formatter(self) -> argparse.HelpFormatter:
        wanted = self.formatter_class
        raw = isinstance(wanted, type) and issubclass(wanted, argparse.RawDescriptionHelpFormatter)
        return _RawFormatter(self.prog) if raw else _Formatter(self.prog)


class _Formatter(argparse.HelpFormatter):
    def format_help(self) -> str:
        """Return all; what stands over a group in Chinese ends in a sign of Chinese."""
        return _HEADING.sub(r"\1：", super().format_help())

    def _format_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None,
    ) -> str:
        # Lines below the first begin under the program's name; argparse counts signs, not columns.
        said = tr("usage: ") if prefix is None else prefix
        stand_in = "u" * cell_len(said)
        return said + super()._format_usage(usage, actions, groups, stand_in)[len(stand_in) :]

    def _split_lines(self, text: str, width: int) -> list[str]:
        return broken(" ".join(text.split()), width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        room = width - len(indent)
        return "\n".join(indent + line for line in broken(" ".join(text.split()), room))


class _RawFormatter(_Formatter, argparse.RawDescriptionHelpFormatter):
    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return argparse.RawDescriptionHelpFormatter._fill_text(self, text, width, indent)
