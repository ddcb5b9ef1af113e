"""Create `.venv` and install this project into it, with the pinned versions.

    python3 tools/environment.py            the console and the engine
    python3 tools/environment.py --dev      the same, with what the test suite needs

Runs on a bare Python 3.11 or newer and does nothing when everything is in place. The engine
needs torch, whose default Linux build brings gigabytes of CUDA libraries; so a CPU build is
looked for first in the folders that pip is configured to find wheels in, then in PyTorch's own
index. `--torch auto` lets the installer choose by the GPU that it finds.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
OLDEST = (3, 11)


def main() -> int:
    """Bring `.venv` up to date; return the exit code."""
    parser = argparse.ArgumentParser(
        description="Create .venv and install the console and the engine into it."
    )
    parser.add_argument("--dev", action="store_true", help="also install what the tests need")
    parser.add_argument(
        "--torch",
        default="cpu",
        metavar="BACKEND",
        help="cpu (default), auto (by the GPU found), or one of uv's torch backends such as cu130",
    )
    arguments = parser.parse_args()
    extras = "engine,dev" if arguments.dev else "engine"
    if is_current(extras, arguments.torch):
        return 0
    try:
        install(extras, arguments.torch)
    except SetUpFailed as reason:
        print(f"set-up failed: {reason}", file=sys.stderr)
        return 1
    STAMP.write_text(fingerprint(extras, arguments.torch))
    return 0


class SetUpFailed(Exception):
    """The environment could not be made; the message says why and how to mend it."""


def fingerprint(extras: str, torch: str) -> str:
    """Return a line that changes whenever the environment has to be made anew."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return f"{digest.hexdigest()} {torch} {ROOT} {extras}"


def is_current(extras: str, torch: str) -> bool:
    """Return whether what is asked for is there already (more than asked for is fine)."""
    if not (PYTHON.exists() and STAMP.exists()):
        return False
    return STAMP.read_text().startswith(fingerprint(extras, torch))


def install(extras: str, torch: str) -> None:
    """Make the environment and install into it, a CPU build of torch from the nearest place."""
    wheel = nearest_torch_wheel() if torch == "cpu" else None
    interpreter = interpreter_for(wheel)
    make_environment(interpreter)
    uv = find_uv()
    command = [uv, "pip", "install", "--python", str(PYTHON), "--constraint", "constraints.txt"]
    if "dev" in extras:
        # Tests start hundreds of processes, and some machines are told to keep no bytecode.
        command.append("--compile-bytecode")
    target = ["--editable", f".[{extras}]"]
    print(f"installing the console and the engine ({extras}) into .venv ...", flush=True)
    if wheel is not None:
        version = wheel.name.split("-")[1]
        run([*command, "--find-links", str(wheel.parent), f"torch=={version}", *target])
        return
    if not succeeds([*command, "--torch-backend", torch, *target]):
        print("PyTorch's own index did not answer; taking torch from the default index", flush=True)
        run([*command, *target])


def nearest_torch_wheel() -> Path | None:
    """Return the CPU wheel of the pinned torch that pip would find on this machine, if any.

    One for this Python is preferred; one for another counts if that Python is here too.
    """
    pinned = re.search(r"^torch==([0-9.]+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert pinned is not None, "constraints.txt pins torch"
    fitting = [
        wheel
        for folder in wheel_folders()
        for wheel in sorted(folder.glob(f"torch-{pinned[1]}+cpu-*.whl"))
        if wheel.name.endswith(f"_{os.uname().machine}.whl") and python_for(wheel)
    ]
    fitting.sort(key=lambda wheel: python_for(wheel) != sys.executable)
    return fitting[0] if fitting else None


def python_for(wheel: Path) -> str | None:
    """Return a Python on this machine that can install a wheel, this one if it can."""
    tag = re.search(r"-cp3([0-9]+)-", wheel.name)
    if tag is None or int(tag[1]) < OLDEST[1]:
        return None
    if int(tag[1]) == sys.version_info.minor:
        return sys.executable
    return shutil.which(f"python3.{tag[1]}")


def wheel_folders() -> Iterator[Path]:
    """Yield the existing local folders named by pip's and uv's find-links settings."""
    texts = [os.environ.get(name, "") for name in ("UV_FIND_LINKS", "PIP_FIND_LINKS")]
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    texts += re.findall(r"\.find-links='(.*)'", listing.stdout)
    for word in " ".join(texts).replace("\\n", " ").replace(",", " ").split():
        folder = Path(word.removeprefix("file://"))
        if folder.is_dir():
            yield folder


def interpreter_for(wheel: Path | None) -> str:
    """Return the Python to build on: this one, unless the torch at hand is for another."""
    if wheel is not None and (fitting := python_for(wheel)):
        return fitting
    if sys.version_info < OLDEST:
        raise SetUpFailed(
            f"Python {sys.version_info.major}.{sys.version_info.minor} is too old; install "
            "Python 3.11 or newer and call: make PYTHON=python3.11"
        )
    return sys.executable


def make_environment(interpreter: str) -> None:
    """Create `.venv`; one that exists and runs is kept."""
    if PYTHON.exists() and succeeds([str(PYTHON), "-c", "pass"]):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if uv := shutil.which("uv"):
        run([uv, "venv", "--quiet", "--python", interpreter, str(VENV)])
        return
    if not succeeds([interpreter, "-c", "import ensurepip"]):
        raise SetUpFailed(
            "this Python cannot create environments; on Debian and Ubuntu: "
            "sudo apt install python3-venv"
        )
    run([interpreter, "-m", "venv", str(VENV)])


def find_uv() -> str:
    """Return the installer: uv of this machine, or installed into `.venv` for the purpose."""
    if uv := shutil.which("uv"):
        return uv
    inside = VENV / "bin" / "uv"
    if not inside.exists():
        run(
            [
                str(PYTHON),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--constraint",
                "constraints.txt",
                "uv",
            ]
        )
    return str(inside)


def succeeds(command: list[str]) -> bool:
    """Run a command in the project's folder and return whether it ended well."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def run(command: list[str]) -> None:
    """Run a command in the project's folder; raises `SetUpFailed`."""
    if not succeeds(command):
        raise SetUpFailed(f"this did not end well: {' '.join(command)}")


if __name__ == "__main__":
    sys.exit(main())
