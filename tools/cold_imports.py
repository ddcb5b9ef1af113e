"""Measure how long a start imports from an image that comes slowly, read beforehand and not.

    python tools/cold_imports.py [--latency 0.01] [--stream 100] [--total 400]

Shows this environment's packages through `tools/slow_mount.py`, as a container sees an image that
is streamed while it runs: every look and every opening takes the latency, and what was read is
kept. Imports what serving imports in new processes, each on a new mount. Needs fuse3 of the system
and the package mfusepy.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Final

from mount_reading import mounted
from synthetic_model import ROOT

_IMPORTS: Final = """
import sys, time
from pathlib import Path
began = time.perf_counter()
from engine import libraries
libraries.read_ahead(Path(sys.argv[1]))
import engine.pipeline
print(time.perf_counter() - began)
"""
_LISTED: Final = """
from engine.libraries import used
for path, offset, size in used():
    print(offset, size, path)
"""


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--latency", type=float, default=0.01, help="seconds of a request")
    parser.add_argument("--stream", type=float, default=100, help="MB/s of one descriptor")
    parser.add_argument("--total", type=float, default=400, help="MB/s in all")
    given = parser.parse_args()
    packages = Path(sysconfig.get_path("purelib"))
    listed = [line for line in _run(_LISTED, packages).splitlines() if str(packages) in line]
    seconds = {}
    with tempfile.TemporaryDirectory() as temporary:
        listing = Path(temporary) / "libraries.txt"
        for way, lines in {"one after another": [], "read beforehand": listed}.items():
            rates = (given.latency, given.stream, given.total)
            with mounted(packages, Path(temporary), *rates, keep=True) as mount:
                text = "\n".join(lines).replace(str(packages), str(mount))
                listing.write_text(text, "utf-8")
                seconds[way] = float(_run(_IMPORTS, mount, str(listing)))
            print(f"  {way:18} {seconds[way]:6.2f} s", flush=True)
    slow, quick = seconds.values()
    print(f"  {slow / quick:.2f} times as fast; {len(listed)} parts of files")
    return 0


def _run(program: str, packages: Path, *words: str) -> str:
    # -S leaves out the packages that are there, so that all come from where they are looked for.
    return subprocess.run(
        [sys.executable, "-S", "-c", program, *words],
        env={"PYTHONPATH": f"{ROOT}:{packages}"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


if __name__ == "__main__":
    sys.exit(main())
