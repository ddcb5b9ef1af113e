from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.model.memory import available_memory

CPU = torch.device("cpu")
MEMINFO = "MemTotal:  16777216 kB\nMemFree:  1024 kB\nMemAvailable:   8388608 kB\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with 8 GiB of memory available, and no container."""
    write(tmp_path / "proc/meminfo", MEMINFO)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_machine_has_what_it_says(machine: Path):
    assert available_memory(CPU, machine) == 8 << 30


def test_a_container_has_what_its_limit_leaves(machine: Path):
    write(machine / "sys/fs/cgroup/memory.max", f"{4 << 30}\n")
    write(machine / "sys/fs/cgroup/memory.current", f"{1 << 30}\n")
    assert available_memory(CPU, machine) == 3 << 30


def test_an_older_container_too(machine: Path):
    write(machine / "sys/fs/cgroup/memory/memory.limit_in_bytes", f"{2 << 30}\n")
    write(machine / "sys/fs/cgroup/memory/memory.usage_in_bytes", f"{3 << 30}\n")
    assert available_memory(CPU, machine) == 0


def test_a_container_without_limit_has_what_the_machine_has(machine: Path):
    write(machine / "sys/fs/cgroup/memory.max", "max\n")
    write(machine / "sys/fs/cgroup/memory.current", "1\n")
    assert available_memory(CPU, machine) == 8 << 30


def test_a_machine_that_says_nothing_is_asked_for_its_size(tmp_path: Path):
    assert available_memory(CPU, tmp_path) > 1 << 28


def test_this_machine_has_some(tmp_path: Path):
    assert available_memory(CPU) > 1 << 20
