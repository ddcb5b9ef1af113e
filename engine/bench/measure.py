"""One run: load, one picture, and the machine's own limits, in one process."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.bench.ceilings import Ceilings, measure_ceilings
from engine.bench.sizes import ModelSizes, StepWork, step_work
from engine.pipeline import Pipeline
from engine.schema import (
    Decoded,
    Done,
    Encoded,
    GenerationRequest,
    Noise,
    Picture,
    Size,
    Step,
)
from engine.weights.discover import find_model

# 32 tokens in the chat template, in the synthetic vocabulary as in Qwen's.
PROMPT = ", ".join(["a red circle on a white background"] * 3) + "."
SEED = 42


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase, its seconds, and the process's peak memory by its end in bytes."""

    name: str
    seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it ran; `instructions` is the newest set that torch uses."""

    processor: str
    instructions: str
    threads: int
    torch: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything that one run found."""

    machine: Machine
    size: Size
    strategies: dict[str, str]
    phases: tuple[Phase, ...]
    work: StepWork
    ceilings: Ceilings
    picture: Picture

    @property
    def step_seconds(self) -> float:
        """The mean of the steps."""
        steps = [phase.seconds for phase in self.phases if phase.name.startswith("step")]
        return sum(steps) / len(steps)

    @property
    def rate(self) -> float:
        """Operations of linear layers per second of a whole step."""
        return self.work.linear / self.step_seconds

    @property
    def share(self) -> float:
        """The rate as a share of the ceiling for how the transformer's weights are kept."""
        rounded = self.strategies["transformer"] == "int8"
        return self.rate / (self.ceilings.int8 if rounded else self.ceilings.float32)


def measure(directory: Path, sizes: ModelSizes, size: Size, steps: int, linear: str) -> Measurement:
    """Load the model in `directory` and make one picture of so many steps on the CPU."""
    before = time.perf_counter()
    pipeline = Pipeline.load(find_model(directory), linear=linear, one_prompt=True)
    phases = [Phase("load", time.perf_counter() - before, peak_bytes())]
    tokens, picture = 0, Picture(0, 0, b"")
    request = GenerationRequest(PROMPT, size, steps, SEED, noise=Noise.PHILOX)
    for event in pipeline.generate(request):
        match event:
            case Encoded():
                tokens = event.tokens
                phases.append(Phase("encode", event.seconds, peak_bytes()))
            case Step():
                phases.append(Phase(f"step {event.index}", event.seconds, peak_bytes()))
            case Decoded():
                phases.append(Phase("decode", event.seconds, peak_bytes()))
            case Done():
                picture = event.picture
    work = step_work(sizes, size, tokens)
    strategies = pipeline.strategies
    del pipeline
    ceilings = measure_ceilings(sizes, work.tokens)
    return Measurement(machine(), size, strategies, tuple(phases), work, ceilings, picture)


def machine() -> Machine:
    """Return the facts of this machine that figures depend on."""
    return Machine(
        processor=_processor(),
        instructions=torch.backends.cpu.get_cpu_capability(),
        threads=torch.get_num_threads(),
        torch=torch.__version__,
    )


def peak_bytes() -> int:
    """Return the largest resident memory that this process has had, 0 where it is not told."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line[:6] == "VmHWM:")
    except (OSError, StopIteration):
        return 0


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line[:10] == "model name")
    except (OSError, StopIteration):
        name = platform.machine()
    return f"{name}, {os.cpu_count()} processors"
