"""`zimage-console models pull` as a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from stand_in_hub import StandInHub


@contextmanager
def pulling(
    hub: StandInHub,
    environment: dict[str, str],
    directory: Path,
    *,
    within: Callable[..., list[str]] = lambda *command: list(command),
    largest: int | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """A pull in a process of its own, `within` something; it may write files up to `largest`."""
    with subprocess.Popen(
        within(
            *(sys.executable, "-m", "console", "models", "pull", str(directory)),
            "--accept-changed",
        ),
        env=environment | {"HF_ENDPOINT": hub.endpoint},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=None if largest is None else partial(_limit, largest),
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def _limit(largest: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
