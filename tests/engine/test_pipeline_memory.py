"""Memory that runs out in the middle of a picture: by torch's own errors, and by a real limit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.model.loading import load_model
from engine.model.sparing import sparingly
from engine.pipeline import Pipeline
from engine.schema import Done, GenerationRequest, Size
from engine.weights.discover import find_model

CIRCLE = GenerationRequest("a red circle", size=Size(128, 128), steps=1, seed=1)


def too_much() -> torch.Tensor:
    """Ask torch for more than any machine has."""
    return torch.empty(1 << 60, dtype=torch.uint8)


class Failing:
    """Runs out of memory `times` times, then computes."""

    def __init__(self, compute: Callable[..., object], times: int) -> None:
        self._compute = compute
        self.times = times

    def __call__(self, *arguments: object) -> object:
        if self.times:
            self.times -= 1
            too_much()
        return self._compute(*arguments)

    def __getattr__(self, name: str) -> object:
        return getattr(self._compute, name)


def picture(pipeline: Pipeline) -> bytes:
    events = list(pipeline.generate(CIRCLE))
    assert isinstance(events[-1], Done)
    return events[-1].picture.rgb


@pytest.mark.parametrize("part", ["text_encoder", "vae"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_part_that_runs_out_of_memory_is_tried_again(
    tiny_model: Path, part: str, times: int
) -> None:
    model = load_model(
        find_model(tiny_model), "cpu", lambda: 0.0, lambda *_: None, lambda *_: None, None
    )
    whole = picture(Pipeline(model))
    failing = Failing(getattr(model, part), times)
    pipeline = Pipeline(replace(model, **{part: failing}))

    if part == "text_encoder" and times == 2:
        with pytest.raises(RuntimeError, match="memory"):
            picture(pipeline)
    else:
        assert picture(pipeline) == whole


def test_the_mends_are_tried_in_their_order_and_no_more_than_needed() -> None:
    tried: list[str] = []
    failing = Failing(lambda: "done", times=2)

    done = sparingly(failing, *(lambda mend=mend: tried.append(mend) for mend in "abc"))

    assert (done, tried) == ("done", ["a", "b"])


def test_another_error_is_not_tried_again() -> None:
    with pytest.raises(ZeroDivisionError):
        sparingly(lambda: 1 // 0, lambda: pytest.fail("tried again"))


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
def test_a_process_that_runs_out_of_memory_says_so_and_goes_on(tiny_model: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tiny_model)], capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == (
        "not enough memory for 1024x1024; ask for a smaller picture\ndone\n",
        "",
    )


# A picture of a megapixel needs more than 40 MiB beyond what a small one has left in the heap.
_LIMITED = """
import resource, sys
from pathlib import Path
from engine.errors import OutOfMemory
from engine.loading import load_pipeline
from engine.schema import GenerationRequest, Size, event_name
from engine.timeline import Timeline
from engine.worker import Worker

def load(timeline):
    pipeline = load_pipeline(
        Path(sys.argv[1]), device="cpu", threads=1, timeline=timeline, linear="dense"
    )
    list(pipeline.generate(GenerationRequest("a", size=Size(128, 128), steps=1)))
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (40 << 20), resource.RLIM_INFINITY))
    return pipeline

worker = Worker(load, Timeline())
worker.start()
try:
    list(worker.submit(GenerationRequest("a", size=Size(1024, 1024), steps=1)))
except OutOfMemory as error:
    print(error)
print(event_name(list(worker.submit(GenerationRequest("a", size=Size(64, 64), steps=1)))[-1]))
worker.stop()
"""
