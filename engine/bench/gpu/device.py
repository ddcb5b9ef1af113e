"""What a benchmark asks of a device itself, and nothing else does."""

from __future__ import annotations

import gc
import os
from typing import Protocol

import torch

from engine.bench.measure import machine, peak_bytes
from engine.loading import choose_device


class Device(Protocol):
    """A device that computes; `kind` is torch's name for it.

    A GPU works through what it is given while the program goes on, so a clock tells its time only
    after `synchronise`.
    """

    kind: str

    @property
    def name(self) -> str:
        """What it is, as its maker calls it."""

    @property
    def memory_bytes(self) -> int:
        """How much memory it has in all."""

    @property
    def software(self) -> str:
        """What computes on it, in words."""

    def synchronise(self) -> None:
        """Wait until it has done all that it was given."""

    def forget_peak(self) -> None:
        """Measure the most memory from now on."""

    def peak_bytes(self) -> int:
        """Return the most memory that tensors took since then."""

    def release(self) -> None:
        """Give back what was freed, so that it can be had for something else."""


class CudaDevice:
    """The first NVIDIA GPU, by torch's own means."""

    kind = "cuda"

    @property
    def name(self) -> str:
        """See `Device`."""
        return torch.cuda.get_device_name()

    @property
    def memory_bytes(self) -> int:
        """See `Device`."""
        total: int = torch.cuda.get_device_properties(0).total_memory
        return total

    @property
    def software(self) -> str:
        """See `Device`."""
        major, minor = torch.cuda.get_device_capability()
        return f"compute capability {major}.{minor}, torch {torch.__version__}"

    def synchronise(self) -> None:
        """See `Device`."""
        torch.cuda.synchronize()

    def forget_peak(self) -> None:
        """See `Device`."""
        torch.cuda.reset_peak_memory_stats()

    def peak_bytes(self) -> int:
        """See `Device`."""
        return torch.cuda.max_memory_allocated()

    def release(self) -> None:
        """See `Device`."""
        gc.collect()
        torch.cuda.empty_cache()


class CpuDevice:
    """This machine's CPU, so that all but the GPU's own means can be tried without one.

    The system forgets no peak, so that is the process's since its start.
    """

    kind = "cpu"

    @property
    def name(self) -> str:
        """See `Device`."""
        return machine().processor

    @property
    def memory_bytes(self) -> int:
        """See `Device`."""
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

    @property
    def software(self) -> str:
        """See `Device`."""
        return f"{machine().instructions}, torch {torch.__version__}"

    def synchronise(self) -> None:
        """See `Device`; a CPU is always done."""

    def forget_peak(self) -> None:
        """See `Device`; not possible."""

    def peak_bytes(self) -> int:
        """See `Device`."""
        return peak_bytes()

    def release(self) -> None:
        """See `Device`."""
        gc.collect()


def find_device(wanted: str) -> Device:
    """Return the device for `auto`, `cpu` or `cuda`; raises `DeviceUnavailable`."""
    kind = choose_device(wanted, cuda=torch.cuda.is_available())
    return CudaDevice() if kind == "cuda" else CpuDevice()
