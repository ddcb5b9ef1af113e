"""How a verb says that it did not do what was asked: one line, and the exit code that says why."""

from __future__ import annotations

import sys

from console.terminal.sanitise import sanitise


def complain(why: object, code: int) -> int:
    """Say in one line on standard error what is wrong, and return `code`."""
    print(f"zimage-console: {sanitise(str(why))}", file=sys.stderr)
    return code
