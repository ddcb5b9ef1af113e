"""stable-diffusion.cpp (github.com/leejet/stable-diffusion.cpp), by its command line `sd-cli`.

It gets our noise levels, a seed in Philox noise as both programs have it, and a prompt that both
read as the same tokens, so its picture can be compared with ours.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.bench.measure import PROMPT, SEED
from engine.bench.peers.turn import Task, Turn, TurnFailed, failed
from engine.model.sampler import sigmas

_TAKING: Final = r".* completed, taking ([0-9.]+) ?(m?s)\b"
_LOADED: Final = re.compile("loading tensors" + _TAKING)
_ENCODED: Final = re.compile("get_learned_condition" + _TAKING)
_DECODED: Final = re.compile("decode_first_stage" + _TAKING)
# The mean of the steps so far. A load's progress is told in MB/s.
_STEP: Final = re.compile(r"\| ([0-9]+)/([0-9]+) - ([0-9.]+)(s/it|it/s)")


@dataclass(slots=True)
class Listener:
    """Reads what the program prints; `seconds` grows with every phase that ends."""

    steps: int
    seconds: dict[str, float] = field(default_factory=dict)
    tensors_seconds: float = 0.0

    def hear(self, line: str, since_start: float) -> None:
        """Take note of a line that came `since_start` seconds after the program's start."""
        if match := _LOADED.search(line):
            # Headers and the vocabulary are read before the tensors.
            self.seconds["load"] = since_start
            self.tensors_seconds = _seconds(match[1], match[2])
        elif match := _ENCODED.search(line):
            self.seconds["encode"] = _seconds(match[1], match[2])
        elif match := _DECODED.search(line):
            self.seconds["decode"] = _seconds(match[1], match[2])
        elif (match := _STEP.search(line)) and int(match[2]) == self.steps:
            number = float(match[3])
            self.seconds["step"] = 1 / number if match[4] == "it/s" else number


def run(binary: Path, task: Task, picture: Path) -> Turn:
    """Make the task's picture as a PNG; raises `TurnFailed` if the program cannot."""
    listener = Listener(task.steps)
    lines: list[str] = []
    began = time.perf_counter()
    try:
        process = subprocess.Popen(
            command(binary, task, picture),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise TurnFailed(f"{binary} cannot be run: {error.strerror}") from None
    with process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                listener.hear(line, time.perf_counter() - began)
                lines.append(line)
        except BaseException:
            process.kill()
            raise
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        errors = [line for line in lines if line.startswith("[ERROR]")]
        raise failed(binary.name, process.returncode, errors or lines)
    lacking = {"load", "encode", "step", "decode"} - set(listener.seconds)
    if lacking:
        raise TurnFailed(
            f"{binary.name} did not say how long it took to {', '.join(sorted(lacking))}; "
            "this benchmark reads the messages of stable-diffusion.cpp of 2026"
        )
    details: dict[str, object] = {"tensors_seconds": listener.tensors_seconds}
    return Turn(listener.seconds, usage.ru_maxrss << 10, details)


def command(binary: Path, task: Task, picture: Path) -> list[str]:
    """Return the command line; attention is the faster of the program's two."""
    levels = ",".join(f"{level:.9g}" for level in sigmas(task.steps))
    files = task.directory
    threads = [] if task.threads is None else ["-t", str(task.threads)]
    return [
        str(binary),
        *("--diffusion-model", str(files / f"transformer-{task.quant}.gguf")),
        *("--llm", str(files / f"encoder-{task.quant}.gguf")),
        *("--vae", str(files / "vae.safetensors")),
        *("--prompt", PROMPT, "--cfg-scale", "1", "--diffusion-fa", *threads),
        *("--rng", "cuda", "--seed", str(SEED), "--sampling-method", "euler"),
        *("--steps", str(task.steps), "--sigmas", levels),
        *("--width", str(task.size.width), "--height", str(task.size.height)),
        *("--output", str(picture)),
    ]


def _seconds(number: str, unit: str) -> float:
    return float(number) / (1_000 if unit == "ms" else 1)
