"""What the check needs of a machine: root, and a few programs, installed where Debian has them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from images.failure import CannotCheck

# Program, and the package of Debian that has it.
PROGRAMS: Final = {
    "dockerd": "docker.io",
    "mmdebstrap": "mmdebstrap",
    "docker-registry": "docker-registry",
    "fusermount3": "fuse3",
}
# Debian's own come first: another client further up the path may lack what builds need.
SEARCHED: Final = "/usr/bin:/usr/sbin"


def program(name: str) -> str:
    """Return the path of a program; raises `CannotCheck` if there is none."""
    found = shutil.which(name, path=f"{SEARCHED}:{os.environ.get('PATH', os.defpath)}")
    if found is None:
        raise CannotCheck(f"{name} is not installed; on Debian: apt install {_package(name)}")
    return found


def prepare() -> None:
    """Install what is missing; raises `CannotCheck` where that or a Docker engine is impossible."""
    if sys.platform != "linux":
        raise CannotCheck(f"a Docker engine of its own runs on Linux, and this is {sys.platform}")
    if os.geteuid() != 0:
        raise CannotCheck("a Docker engine of its own needs root; call it with sudo")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise CannotCheck("there is no /dev/fuse here, which the slow mount needs")
    missing = missing_packages(PROGRAMS)
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise CannotCheck(f"this machine lacks {', '.join(missing)}, and has no apt-get")
    print(f"installing {', '.join(missing)} ...", flush=True)
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
        done = subprocess.run(
            ["apt-get", "-qq", *command], env=environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            why = (done.stderr.strip() or "no reason given").splitlines()[-1]
            raise CannotCheck(f"apt-get {command[0]} failed: {why}")


def missing_packages(programs: Mapping[str, str]) -> list[str]:
    """Return the packages of those programs that are not here."""
    return sorted(
        package for name, package in programs.items() if shutil.which(name, path=SEARCHED) is None
    )


def _package(name: str) -> str:
    return PROGRAMS.get(name, "docker.io" if name == "docker" else name)
