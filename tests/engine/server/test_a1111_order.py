"""What `txt2img` requests mean: they are set up for other models, and served all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.schema import MAX_SEED, InvalidRequest, Size
from engine.server.a1111 import Txt2Img, answer, parse_txt2img
from engine.server.desk import Image
from engine.server.fields import Fields

NAMES = ("prompt", "negative_prompt", "width", "height", "steps", "seed", "batch_size", "n_iter")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
BODIES = st.dictionaries(st.sampled_from((*NAMES, "send_images", "cfg_scale")), SCALARS)


def order(**fields: object) -> Txt2Img:
    return parse_txt2img(Fields({"prompt": "a red circle", **fields}))


def info(made: Txt2Img) -> Any:
    images = [Image("", Size(512, 512), seed, 1.0) for seed in range(len(made.requests))]
    body = answer(made, images, "z")
    assert isinstance(body["info"], str)
    return json.loads(body["info"])


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, None),
        ({"width": 500, "height": 301}, Size(496, 304)),
        ({"width": 512}, Size(512, 512)),
        ({"width": "768", "height": 512.0}, Size(768, 512)),
        ({"width": 99_999, "height": 0}, Size(2048, 64)),
        ({"width": -5, "height": None}, Size(64, 512)),
        ({"width": 10**400, "height": 1e300}, Size(2048, 2048)),
    ],
)
def test_a_size_becomes_the_nearest_that_can_be_made(
    asked: dict[str, object], size: Size | None
) -> None:
    assert order(**asked).requests[0].size == size


@pytest.mark.parametrize(("asked", "steps"), [(150, 50), (22, 22), (0, 1), (-3, 1), (None, 8)])
def test_steps_are_limited(asked: int | None, steps: int) -> None:
    assert order(steps=asked).requests[0].steps == steps


def test_what_was_changed_is_told() -> None:
    told = info(order(width=500, height=500, steps=150))["extra_generation_params"]

    assert told == {"Size asked for": "500x500", "Steps asked for": "150"}


def test_what_was_not_changed_is_not_told() -> None:
    assert info(order(width=512, height=512, steps=20))["extra_generation_params"] == {}


@pytest.mark.parametrize("seed", [-1, None, -7])
def test_a_seed_below_zero_is_drawn(seed: int | None) -> None:
    assert order(seed=seed).requests[0].seed is None


def test_a_batch_counts_its_seeds_up() -> None:
    made = order(seed=7, batch_size=2, n_iter=2)

    assert [request.seed for request in made.requests] == [7, 8, 9, 10]
    assert info(made)["all_seeds"] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("batch", "batches", "count"), [(4, 3, 8), (100, 1, 10), (3, 100, 9), (0, -1, 1)]
)
def test_a_batch_is_no_larger_than_can_be_asked_for(batch: int, batches: int, count: int) -> None:
    made = order(batch_size=batch, n_iter=batches)

    assert len(made.requests) == count


def test_a_smaller_batch_is_told() -> None:
    told = info(order(batch_size=4, n_iter=3))["extra_generation_params"]

    assert told == {"Pictures asked for": "12"}


def test_a_seed_beyond_the_last_is_the_last() -> None:
    assert order(seed=MAX_SEED + 5).requests[0].seed == MAX_SEED


def test_guidance_and_samplers_of_other_models_are_ignored() -> None:
    request = order(cfg_scale=7, sampler_name="DPM++ 2M", scheduler="Karras").requests[0]

    assert request.guidance == 0


def test_pictures_can_be_left_out_of_the_answer() -> None:
    made = order(send_images=False)

    assert answer(made, [Image("aGk=", Size(64, 64), 1, 1.0)], "z")["images"] == []


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": ["x"]}, "prompt"),
        ({"negative_prompt": "\ud800"}, "negative_prompt"),
        ({"width": "wide"}, "width"),
        ({"steps": True}, "steps"),
        ({"steps": 4.5}, "steps"),
        ({"width": "--5"}, "width"),
        ({"height": 1e999}, "height"),
        ({"send_images": "yes"}, "send_images"),
    ],
)
def test_what_no_setting_can_save_is_refused_by_name(fields: dict[str, object], param: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        order(**fields)

    assert refusal.value.param == param


def understood(fields: dict[str, object]) -> Txt2Img | InvalidRequest:
    try:
        return parse_txt2img(Fields(fields))
    except InvalidRequest as refusal:
        return refusal


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODIES)
def test_any_values(fields: dict[str, object]) -> None:
    made = understood(fields)

    if isinstance(made, InvalidRequest):
        assert made.param in (*NAMES, "send_images")
    else:
        for request in made.requests:
            request.check()
        info(made)
