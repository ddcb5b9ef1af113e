"""Pull gigabytes from a hub on loopback that breaks off, stalls and lies, killing the pull again
and again, and say what came twice.

    python tools/pull_under_faults.py [--gigabytes 2] [--kills 20] [--seed 1]

The stand-in is that of the tests; its files are random bytes that repeat, under the published
names. Printed are whether the files are identical, how many bytes came, and how many of them again.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from console.model.models.published import chosen_files

ROOT: Final = Path(__file__).resolve().parent.parent
_SHARES: Final = (0.64, 0.32, 0.04)
"""How the bytes are shared by transformer, encoder and VAE, as in the published files."""


def main() -> int:
    """Pull, kill, and pull on, until all is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance, stand_in = random.Random(asked.seed), _stand_in()
    with tempfile.TemporaryDirectory() as directory, stand_in.stand_in_hub() as hub:
        sums = _hold(hub, chance, int(asked.gigabytes * 1e9))
        size, begin = sum(map(len, hub.files.values())), time.monotonic()
        faults = kills = 0
        for _ in range(asked.kills):
            faults += _prepare(stand_in, hub, chance)
            kills += _killed(hub, directory, hub.sent + chance.randrange(size // asked.kills))
        faults += _prepare(stand_in, hub, chance)
        ran = _pull(hub, directory)
        document: dict[str, Any] = json.loads(ran.communicate()[0])
        seconds = time.monotonic() - begin
        identical = sums == {name: _sum(Path(directory, name)) for name in sums}
        left = sorted(set(os.listdir(directory)) - set(sums))
    print(f"{size / 1e9:.2f} GB, killed {kills} times, {faults} other faults, seed {asked.seed}")
    print(f"exit code {ran.returncode}, done: {document['done']}, identical: {identical}")
    again = hub.sent - size
    print(f"sent again {again / 1e6:.1f} MB, {again / max(1, kills + faults) / 1e6:.2f} MB each")
    print(f"{seconds:.0f} s in all; left behind: {left or 'nothing'}")
    return 0 if identical and not left else 1


def _hold(hub: Any, chance: random.Random, size: int) -> dict[str, str]:
    """Have the stand-in hold the files; returns their sums by name."""
    sums = {}
    for file, share in zip(chosen_files("Q4_K_M", "Q4_K_M"), _SHARES, strict=True):
        block = chance.randbytes(2**20)
        count = max(1, int(size * share) // len(block))
        hub.publish(file.repository, file.path, block * count + chance.randbytes(12_345))
        sums[file.name] = hub.sums[f"{file.repository}/{file.path}"]
    return sums


def _prepare(stand_in: ModuleType, hub: Any, chance: random.Random) -> int:
    """Have some of the next answers go wrong; returns how many."""
    kinds = [
        stand_in.Fault("reset", chance.randrange(20_000_000)),
        stand_in.Fault("ends-early", chance.randrange(20_000_000)),
        stand_in.Fault("status", status=503),
        stand_in.Fault("status", status=429, headers=(("Retry-After", "1"),)),
    ]
    hub.cdn_faults.clear()
    hub.cdn_faults.extend(chance.sample(kinds, 2))
    return 2


def _killed(hub: Any, directory: str, sent: int) -> bool:
    """Kill a pull once so many bytes were sent; returns whether it was still at work."""
    child = _pull(hub, directory)
    while child.poll() is None and hub.sent < sent:
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    return child.returncode == -signal.SIGKILL


def _pull(hub: Any, directory: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "console", "models", "pull", directory]
    return subprocess.Popen(
        [*command, "--accept-changed", "--json"],
        cwd=ROOT,
        env=os.environ | {"HF_ENDPOINT": hub.endpoint},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stand_in() -> ModuleType:
    """Return the stand-in of the tests."""
    path = ROOT / "tests" / "console" / "transfer" / "stand_in_hub.py"
    specification = importlib.util.spec_from_file_location("stand_in_hub", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["stand_in_hub"] = module
    specification.loader.exec_module(module)
    return module


if __name__ == "__main__":
    raise SystemExit(main())
