"""`zimage-console models pull` as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stand_in_hub import StandInHub


@contextmanager
def pulling(
    hub: StandInHub, environment: dict[str, str], directory: Path, *more: str
) -> Iterator[subprocess.Popen[str]]:
    """A pull in a process of its own."""
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "console", "models", "pull", str(directory)),
            *("--accept-changed", *more),
        ],
        env=environment | {"HF_ENDPOINT": hub.endpoint},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()
