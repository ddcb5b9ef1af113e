"""Which torch the set-up takes, judged on folders made for the purpose."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
MACHINE = os.uname().machine


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("environment", ROOT / "tools" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("UV_FIND_LINKS", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return module


def wheel(folder: Path, version: str, python: str, machine: str = MACHINE) -> Path:
    path = folder / f"torch-{version}-{python}-{python}-manylinux_2_28_{machine}.whl"
    path.touch()
    return path


def pinned() -> str:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return next(line.removeprefix("torch==") for line in lines if line.startswith("torch=="))


def test_the_pinned_cpu_build_is_taken_from_the_folders_that_pip_looks_in(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = f"cp{sys.version_info.major}{sys.version_info.minor}"
    wheel(tmp_path, f"{pinned()}+cpu", "cp39")
    wheel(tmp_path, f"{pinned()}+cpu", own, machine="sparc")
    wheel(tmp_path, pinned(), own)
    wheel(tmp_path, "1.0.0+cpu", own)
    fitting = wheel(tmp_path, f"{pinned()}+cpu", own)
    monkeypatch.setenv("PIP_FIND_LINKS", f"/no/such/folder {tmp_path}")
    assert environment.nearest_torch_wheel() == fitting


def test_without_such_a_folder_there_is_none(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    assert environment.nearest_torch_wheel() is None


def test_a_wheel_for_a_python_that_is_not_here_is_left(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(tmp_path, f"{pinned()}+cpu", "cp399")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert environment.nearest_torch_wheel() is None


def test_a_wheel_for_this_python_is_built_on_this_python(
    environment: ModuleType, tmp_path: Path
) -> None:
    own = f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert environment.interpreter_for(wheel(tmp_path, "2.0+cpu", own)) == sys.executable
    assert environment.interpreter_for(None) == sys.executable


def test_more_than_asked_for_is_current_and_less_is_not(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp")
    assert not environment.is_current("engine", "cpu")
    environment.STAMP.write_text(environment.fingerprint("engine", "cpu"))
    assert environment.is_current("engine", "cpu")
    assert not environment.is_current("engine,dev", "cpu")
    environment.STAMP.write_text(environment.fingerprint("engine,dev", "cpu"))
    assert environment.is_current("engine", "cpu")
    assert not environment.is_current("engine", "auto")


def test_help_says_what_it_does() -> None:
    shown = subprocess.run(
        [sys.executable, ROOT / "tools" / "environment.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--torch" in shown.stdout
