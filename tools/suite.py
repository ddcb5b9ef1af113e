"""Run the whole suite; the few tests that failed beside others are run once more by themselves.

    python tools/suite.py [OPTIONS OF PYTEST]

Tests here drive real processes, terminals and networks, several at a time on few processors, and
on a busy machine one of thousands may lose a race that it wins anywhere else. Up to five that
failed are tried once more, one after another with nothing beside them. Whoever fails again, fails;
whoever holds is named, so that the race is found. More than five are no race.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

MOST: Final = 5
_FAILED: Final = 1
_LAST_FAILED: Final = Path(".pytest_cache/v/cache/lastfailed")
# Many tests wait for processes: one more at a time than there are processors.
_BESIDE: Final = min(5, (os.cpu_count() or 1) + 1)


def main(options: Sequence[str]) -> int:
    """Run the suite in the working directory; return the exit code of pytest."""
    beside = ["--numprocesses", str(_BESIDE), "--dist", "loadfile", "--no-loadscope-reorder"]
    code = _pytest("--cache-clear", *beside, *options)
    failed = _failed() if code == _FAILED else []
    if not 0 < len(failed) <= MOST:
        return code
    print(f"\nfailed beside others, once more alone: {', '.join(failed)}", flush=True)
    code = _pytest("--last-failed", "--last-failed-no-failures", "none", *options)
    if code == 0:
        print(f"held alone, and so lost a race: {', '.join(failed)}", flush=True)
    return code


def _pytest(*options: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *options]).returncode


def _failed() -> list[str]:
    try:
        return sorted(json.loads(_LAST_FAILED.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
