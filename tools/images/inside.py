"""Runs inside an image and says what is there, as one JSON object.

python inside.py NAME...      names of files that must not be in it
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from importlib import metadata
from pathlib import Path

CODE = Path("/opt/zimage")
# Files that nothing imports when the engine serves, and that are left uncompiled for it.
UNCOMPILED = ("/torch/testing/_internal/", "/packages/bin/")


def without_bytecode() -> list[str]:
    """Return the modules that would have to be compiled at each start."""
    return [
        str(path)
        for path in CODE.rglob("*.py")
        if not any(part in str(path) for part in UNCOMPILED)
        and not Path(importlib.util.cache_from_source(str(path))).exists()
    ]


def named(names: set[str]) -> list[str]:
    """Return the files of the image that have one of these names."""
    found = []
    for folder, folders, files in os.walk("/"):
        if folder == "/":
            folders[:] = [each for each in folders if each not in {"proc", "sys", "dev"}]
        found += [f"{folder}/{name}" for name in files if name in names]
    return found


def main() -> None:
    """Say what is there."""
    sbom = json.loads((CODE / "sbom.cdx.json").read_text())
    facts = {
        "user": os.getuid(),
        "console": importlib.util.find_spec("console") is not None,
        "stray": named(set(sys.argv[1:])),
        "without_bytecode": without_bytecode(),
        "distributions": {each.name: each.version for each in metadata.distributions()},
        "listed": {each["name"]: each["version"] for each in sbom["components"]},
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
