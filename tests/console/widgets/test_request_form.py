from __future__ import annotations

import pytest

from console.widgets.request_form import request_from
from engine.schema import GenerationRequest, InvalidRequest, Size


def test_blank_fields_mean_what_the_model_prefers() -> None:
    assert request_from("a cat", "", " ", "") == GenerationRequest("a cat", None, 8, None)


def test_every_field_is_read() -> None:
    wanted = GenerationRequest("a cat", Size(256, 128), 4, 7)
    assert request_from("a cat", "256x128", "4", " 7 ") == wanted


@pytest.mark.parametrize(
    ("fields", "param", "said"),
    [
        (("", "", "", ""), "prompt", "the prompt is empty; describe the picture in words"),
        (("x" * 10_000, "", "", ""), "prompt", "10,000 characters"),
        (("a cat", "100x100", "", ""), "size", "the nearest is 96x96"),
        (("a cat", "big", "", ""), "size", "write for example 512x512"),
        (("a cat", "", "many", ""), "steps", "steps 'many' is not a whole number"),
        (("a cat", "", "0", ""), "steps", "choose 1 to 50"),
        (("a cat", "", "", "lucky"), "seed", "leave it blank for a random one"),
        (("a cat", "", "", "-1"), "seed", "seed -1 is not between"),
    ],
)
def test_what_makes_no_sense_is_named_in_one_line(
    fields: tuple[str, str, str, str], param: str, said: str
) -> None:
    with pytest.raises(InvalidRequest, match=said) as refused:
        request_from(*fields)
    assert refused.value.param == param
    assert "\n" not in str(refused.value)
