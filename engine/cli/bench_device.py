"""`python -m engine bench --device cuda`: how fast a GPU makes pictures, on synthetic weights."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from engine.bench.peers.turn import Task, TurnFailed
from engine.bench.sizes import FULL, SMALL
from engine.bench.tensors import QUANTS, transformer_tensors
from engine.printable import printable_line
from engine.schema import Size
from engine.settings import InvalidSetting

if TYPE_CHECKING:
    from engine.bench.gpu.device import Device
    from engine.bench.gpu.figures import Stock
    from engine.bench.gpu.measure import Course

SIZES: Final = (Size(512, 512), Size(768, 768), Size(1024, 1024))
SMALL_SIZES: Final = (Size(64, 64), Size(96, 96))


def find(device: str) -> Device:
    """Return the device for `auto`, `cpu` or `cuda`; raises `DeviceUnavailable`."""
    from engine.bench.gpu.device import find_device

    return find_device(device)


def course(flags: Mapping[str, str | None], task: Task, turns: int) -> Course:
    """Return what is measured; raises `InvalidSetting` for flags that are the CPU's alone."""
    from engine.bench.gpu.measure import Course

    for name, what in (("sdcpp", "compares with a program"), ("picture", "keeps a picture")):
        if flags.get(name):
            raise InvalidSetting(f"--{name} {what} on the CPU only; leave out --device")
    all_sizes = SMALL_SIZES if task.small else SIZES
    sizes = (task.size,) if flags.get("size") else all_sizes
    model = SMALL if task.small else FULL
    return Course(task.directory, model, sizes, task.steps, turns, task.linear)


def bench_on(device: Device, task: Task, course: Course, *, diffusers: bool, as_json: bool) -> int:
    """Measure on the files that are there, and print; returns 1 if diffusers failed."""
    import torch

    from engine.bench.gpu.measure import measure
    from engine.bench.gpu.report import document, table

    if task.threads is not None:
        torch.set_num_threads(task.threads)
    found = measure(device, course, _tell)
    failures: list[TurnFailed] = []
    stock = _stock(device, task, course, failures) if diffusers else []
    quant = QUANTS[task.quant]
    parameters = sum(tensor.count for tensor in transformer_tensors(course.model, quant))
    if as_json:
        print(json.dumps(document(found, stock, quant.name, parameters), indent=2))
    else:
        print("\n".join(table(found, stock, quant.name, parameters)))
    for failure in failures:
        print(f"engine: {printable_line(str(failure))}", file=sys.stderr)
    return 1 if failures else 0


def _stock(
    device: Device, task: Task, course: Course, failures: list[TurnFailed]
) -> Sequence[Stock]:
    """Run diffusers with both ways to keep weights; one that fails is in `failures`."""
    from engine.bench.peers.stock import DENSE, GGUF, run_on

    found: list[Stock] = []
    for kept in (GGUF, DENSE):
        _tell(f"diffusers, {kept}")
        try:
            found.append(run_on(device.kind, task, kept, course.sizes, course.turns))
        except TurnFailed as failure:
            failures.append(failure)
    return found


def _tell(what: str) -> None:
    print(f"measuring {what}", file=sys.stderr, flush=True)
