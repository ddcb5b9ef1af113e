"""`python -m engine bench`: how fast this machine makes pictures, on synthetic weights."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from engine.bench.files import write_model
from engine.bench.peers.turn import Task, Turn
from engine.bench.sizes import FULL, SMALL
from engine.bench.tensors import QUANTS, transformer_tensors
from engine.cli.ending import ended_by_signal
from engine.cli.generate import read_request, write_atomically
from engine.printable import printable_line
from engine.schema import DEFAULT_STEPS, Size
from engine.settings import InvalidSetting, Settings

MAX_TURNS = 20


def bench(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> int:
    """Write the files that are not there, measure, and print; returns the exit code."""
    settings = Settings.from_sources(flags, environ)
    as_json = bool(flags.get("json"))
    if (flags.get("device") or environ.get("ZIMAGE_DEVICE") or "cpu") != "cpu":
        from engine.cli import bench_device

        device = bench_device.find(settings.device)
        if device.kind != "cpu":
            task = _task(flags, settings, steps=DEFAULT_STEPS)
            turns = _turns(flags.get("turns") or "3")
            course = bench_device.course(flags, task, turns)
            _write_files(task)
            diffusers = bool(flags.get("diffusers"))
            with ended_by_signal():
                return bench_device.bench_on(
                    device, task, course, diffusers=diffusers, as_json=as_json
                )
    task = _task(flags, settings, steps=1)
    peers = _peers(flags, task)
    turns = _turns(flags.get("turns") or "1")
    _write_files(task)
    if peers:
        with ended_by_signal():
            return _compare(task, peers, turns, as_json=as_json)
    _measure(task, flags.get("picture"), as_json=as_json)
    return 0


def _write_files(task: Task) -> None:
    """Write the files that are not there yet, and say how long that took."""
    before = time.perf_counter()
    written = write_model(task.directory, SMALL if task.small else FULL, QUANTS[task.quant])
    seconds = time.perf_counter() - before
    print(
        f"files in {task.directory}: {written / 1e9:.2f} GB written in {seconds:.1f} s",
        file=sys.stderr,
    )


def _task(flags: Mapping[str, str | None], settings: Settings, steps: int) -> Task:
    """Return what is to be done; `steps` is their number where none is given."""
    small = bool(flags.get("small"))
    request = read_request(
        {
            "prompt": "-",
            "size": flags.get("size") or ("64x64" if small else "512x512"),
            "steps": flags.get("steps") or str(steps),
        }
    )
    quant = flags.get("quant") or "Q4_K"
    if quant not in QUANTS:
        raise InvalidSetting(f"--quant is {quant!r:.40}: choose Q4_K or Q8_0")
    base = Path(flags.get("directory") or Path(tempfile.gettempdir()) / "zimage-bench")
    directory = base / f"{'small' if small else 'full'}-{quant}"
    size = request.size or Size(512, 512)
    return Task(directory, quant, size, request.steps, settings.threads, settings.linear, small)


def _peers(flags: Mapping[str, str | None], task: Task) -> dict[str, Callable[[Task, Path], Turn]]:
    """Return the other programs that were asked for, by name."""
    peers: dict[str, Callable[[Task, Path], Turn]] = {}
    if given := flags.get("sdcpp"):
        binary = Path(given)
        if not os.access(binary, os.X_OK) or binary.is_dir():
            raise InvalidSetting(
                f"--sdcpp is {given!r:.200}: name the program sd-cli of stable-diffusion.cpp"
            )
        if task.small:
            raise InvalidSetting("--sdcpp runs the full sizes only; leave out --small")
        from engine.bench.peers import sdcpp

        peers["stable-diffusion.cpp"] = partial(sdcpp.run, binary.absolute())
    if flags.get("diffusers"):
        from engine.bench.peers import stock

        peers["diffusers"] = stock.run
    return peers


def _turns(text: str) -> int:
    if text.isdecimal() and 1 <= int(text[:9]) <= MAX_TURNS:
        return int(text)
    raise InvalidSetting(f"--turns is {text!r:.40}: choose 1 to {MAX_TURNS}")


def _measure(task: Task, picture: str | None, *, as_json: bool) -> None:
    import torch

    from engine.bench.measure import measure
    from engine.bench.report import document, table
    from engine.encode import png

    if task.threads is not None:
        torch.set_num_threads(task.threads)
    sizes, quant = SMALL if task.small else FULL, QUANTS[task.quant]
    found = measure(task.directory, sizes, task.size, task.steps, task.linear)
    if picture is not None:
        write_atomically(Path(picture), png(found.picture))
    parameters = sum(tensor.count for tensor in transformer_tensors(sizes, quant))
    if as_json:
        print(json.dumps(document(found, quant.name, parameters), indent=2))
    else:
        print("\n".join(table(found, quant.name, parameters)))


def _compare(
    task: Task, peers: Mapping[str, Callable[[Task, Path], Turn]], turns: int, *, as_json: bool
) -> int:
    """Print the comparison; returns 1 if another program failed."""
    from engine.bench.peers.compare import OURS, Comparison, psnr, turn_about
    from engine.bench.peers.report import document, table
    from engine.bench.peers.turn import TurnFailed, ours

    failures: list[TurnFailed] = []
    with tempfile.TemporaryDirectory() as folder:
        runs = {OURS: ours, **peers}
        pictures = {name: Path(folder) / f"{name}.png" for name in runs}
        programs = {name: partial(run, task, pictures[name]) for name, run in runs.items()}
        found = turn_about(programs, turns, _tell_turn, failures.append)
        drawn = [name for name in peers if name in found and pictures[name].is_file()]
        agreement = {name: psnr(pictures[OURS], pictures[name]) for name in drawn}
    comparison = Comparison(found, agreement)
    if as_json:
        print(json.dumps(document(comparison), indent=2))
    else:
        print("\n".join(table(comparison)))
    for failure in failures:
        print(f"engine: {printable_line(str(failure))}", file=sys.stderr)
    return 1 if failures else 0


def _tell_turn(name: str) -> None:
    print(f"running {name}", file=sys.stderr, flush=True)
