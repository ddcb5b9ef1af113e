"""The base image: pulled where a registry answers, else made of Debian's packages."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

from images.docker_engine import Docker
from images.failure import CheckFailed
from images.machine import program

BASE: Final = "python:3.11-slim"
_RELEASE: Final = "bookworm"
_REGISTRY: Final = ("registry-1.docker.io", 443)
_PACKAGES: Final = ("ca-certificates", "netbase", "python3.11", "python3.11-venv", "python3-pip")
_CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"
# Whatever of pip's settings is of use elsewhere than on this machine's own disk.
_SETTINGS: Final = ("index-url", "extra-index-url", "trusted-host", "timeout")


def provide_base(docker: Docker, scratch: Path, kept: Path | None) -> str:
    """Make `BASE` an image of the engine and say where it came from.

    `kept` is a base from an earlier run, or where to leave this one for the next.
    """
    if kept is not None and kept.exists():
        _import(docker, kept)
        return "kept from an earlier run"
    if _registry_answers():
        docker("pull", "--quiet", BASE)
        return "pulled"
    tar = kept or scratch / "base.tar"
    tar.parent.mkdir(parents=True, exist_ok=True)
    _make(tar, scratch)
    _import(docker, tar)
    return f"made of Debian {_RELEASE}'s packages, no registry answers"


def _registry_answers() -> bool:
    try:
        socket.create_connection(_REGISTRY, timeout=3).close()
    except OSError:
        return False
    return True


def _make(tar: Path, scratch: Path) -> None:
    pip_settings = scratch / "pip.conf"
    pip_settings.write_text(portable_pip_settings(_pip_config_list()))
    unfinished = tar.with_suffix(".unfinished.tar")
    done = subprocess.run(
        [
            program("mmdebstrap"),
            "--quiet",
            "--variant=minbase",
            f"--include={','.join(_PACKAGES)}",
            *[f"--customize-hook={each}" for each in _hooks(pip_settings)],
            _RELEASE,
            str(unfinished),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        unfinished.unlink(missing_ok=True)
        why = (done.stderr.strip() or "no reason given").splitlines()
        raise CheckFailed(f"the base image could not be made: {why[-1]}")
    unfinished.rename(tar)


def _hooks(pip_settings: Path) -> list[str]:
    """Return what turns Debian's Python into what the official image has."""
    names = " ".join(f'"$1/usr/local/bin/{name}"' for name in ("python", "python3", "python3.11"))
    return [
        'rm -f "$1"/usr/lib/python3.11/EXTERNALLY-MANAGED',
        f"for name in {names}; do ln -s /usr/bin/python3.11 $name; done",
        'find "$1"/usr/lib/python3* -name __pycache__ -prune -exec rm -rf {} +',
        # Where a company's own authority signs, builds must believe it.
        f"copy-in {_CERTIFICATES} {Path(_CERTIFICATES).parent}",
        f"copy-in {pip_settings} /etc",
    ]


def _import(docker: Docker, tar: Path) -> None:
    environment = f"ENV SSL_CERT_FILE={_CERTIFICATES} PIP_CERT={_CERTIFICATES}"
    docker("import", "--change", environment, "--change", 'CMD ["python3"]', str(tar), BASE)


def _pip_config_list() -> str:
    command = [sys.executable, "-m", "pip", "config", "list"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def portable_pip_settings(listing: str) -> str:
    """Return a `pip.conf` of what `pip config list` says, but for what names files here."""
    settings = {}
    for name, value in re.findall(r"^\S*\.([\w-]+)='(.*)'$", listing, re.MULTILINE):
        words = value.replace("\\n", " ").split()
        elsewhere = [each for each in words if not each.startswith(("file:", "/"))]
        if name in _SETTINGS and elsewhere:
            settings[name] = " ".join(elsewhere)
    return "\n".join(["[global]", *(f"{name} = {value}" for name, value in settings.items()), ""])
