"""What a request may ask for."""

from __future__ import annotations

import math

import pytest

from engine.schema import GenerationRequest, InvalidRequest, Noise


def test_a_request_that_uses_everything_is_accepted():
    GenerationRequest(
        "a red circle",
        negative_prompt="模糊 🙂",
        guidance=3.5,
        previews=50,
        noise=Noise.PHILOX,
    ).check()


@pytest.mark.parametrize("guidance", [-0.1, 20.5, math.nan, math.inf, -math.inf])
def test_guidance_out_of_range_is_refused(guidance: float):
    assert refusal(GenerationRequest("a", guidance=guidance)).param == "guidance"


@pytest.mark.parametrize("previews", [-1, 51])
def test_previews_out_of_range_are_refused(previews: int):
    assert refusal(GenerationRequest("a", previews=previews)).param == "previews"


def test_a_negative_prompt_may_be_empty_but_must_be_readable():
    GenerationRequest("a", negative_prompt="").check()
    assert refusal(GenerationRequest("a", negative_prompt="\ud800")).param == "negative_prompt"
    too_long = refusal(GenerationRequest("a", negative_prompt="a" * 4001))
    assert str(too_long).startswith("the negative prompt has 4,001 characters")


def refusal(request: GenerationRequest) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        request.check()
    return caught.value
