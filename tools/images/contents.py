"""What is in an image, and what must not be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, Final

from images.docker_engine import Docker
from images.failure import CheckFailed

_INSPECTOR: Final = Path(__file__).with_name("inside.py")
_PYTHON: Final = "/opt/zimage/packages/bin/python"
# The engine itself is what the list of contents is about, not an entry in it.
_SUBJECT: Final = "zimage-console"
_LABELS: Final = ("title", "licenses", "version", "revision", "source")


def check_contents(docker: Docker, tag: str, decoys: Sequence[str], version: str) -> str:
    """Look into an image and say what is there; raises `CheckFailed` for what must not be."""
    names = [PurePath(each).name for each in decoys]
    said = docker(
        "run", "--rm", "--network=none", "--read-only", f"--volume={_INSPECTOR}:/inside.py:ro",
        f"--entrypoint={_PYTHON}", tag, "/inside.py", *names,
    )  # fmt: skip
    facts = json.loads(said)
    labels = json.loads(docker("inspect", "--format", "{{json .Config.Labels}}", tag))
    for wrong in (*faults(facts), *label_faults(labels, version)):
        raise CheckFailed(f"{tag}: {wrong}")
    return f"{len(facts['distributions'])} packages, all of them in its list"


def faults(facts: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with what `inside.py` found."""
    wrong = []
    if facts["user"] == 0:
        wrong.append("it runs as root")
    if facts["console"]:
        wrong.append("it has the console in it")
    if facts["stray"]:
        wrong.append(f"{facts['stray'][0]} has no business in it; see .dockerignore")
    if facts["without_bytecode"]:
        wrong.append(f"{facts['without_bytecode'][0]} is not compiled")
    installed = {
        name: version for name, version in facts["distributions"].items() if name != _SUBJECT
    }
    wrong += [
        f"its list of contents and its packages differ in {' '.join(each)}"
        for each in sorted(installed.items() ^ facts["listed"].items())
    ]
    return wrong


def label_faults(labels: Mapping[str, str] | None, version: str) -> list[str]:
    """Return which labels of the Open Container Initiative are missing or wrong."""
    found = {key.rpartition(".")[2]: value for key, value in (labels or {}).items()}
    wrong = [f"it has no label {each}" for each in _LABELS if each not in found]
    if found.get("version", version) != version:
        wrong.append(f"its label says version {found['version']}, pyproject.toml {version}")
    return wrong
