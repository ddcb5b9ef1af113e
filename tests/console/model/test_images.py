from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest
from console_scenes import made

from console.model.images import Likeness, Run, Target, counterpart, latest_of
from engine.schema import GenerationRequest

REQUEST = GenerationRequest("a cat", seed=7)
HERE = Run(1, REQUEST)
THERE = Run(2, REQUEST, target=Target.DEPLOYED)


def test_two_runs_of_the_same_picture_belong_together_the_service_first() -> None:
    assert latest_of([HERE, THERE]) == (THERE, HERE)


@pytest.mark.parametrize(
    "other",
    [
        replace(THERE, request=replace(REQUEST, seed=8)),
        replace(THERE, request=replace(REQUEST, seed=None)),
        replace(THERE, target=Target.LOCAL),
    ],
)
def test_two_different_pictures_do_not(other: Run) -> None:
    assert latest_of([HERE, other]) == (other,)


def test_without_a_seed_two_runs_are_of_different_pictures() -> None:
    free = replace(REQUEST, seed=None)
    runs = [replace(HERE, request=free), replace(THERE, request=free)]
    assert latest_of(runs) == (runs[1],)
    assert latest_of([]) == ()


def test_a_counterpart_was_made_by_another_engine_from_the_same_request() -> None:
    here, there = made(), replace(made(), maker="sandbox")
    assert counterpart([here, there, replace(there, seconds=9.0)], here) == there
    assert counterpart([here, replace(there, seed=1)], here) is None
    assert counterpart([here, here], here) is None


@pytest.mark.parametrize(
    ("psnr", "said"),
    [
        (inf, "identical"),
        (41.26, "nearly the same, PSNR 41.3 dB"),
        (12.0, "different, PSNR 12.0 dB"),
        (None, "of different sizes"),
    ],
)
def test_likeness_is_said_in_words(psnr: float | None, said: str) -> None:
    assert str(Likeness(psnr)) == said
