"""What kinds of file pictures come in, and what the answer says of them."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image
from running_engine import RunningEngine
from scripted_server import ScriptedServer

from engine.settings import Settings

SMALL: dict[str, Any] = {"prompt": "x", "size": "64x64", "steps": 1, "seed": 1}


def made(engine: RunningEngine, **fields: object) -> dict[str, Any]:
    answer = engine.generate(**{**SMALL, **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def size_in_bytes(body: dict[str, Any]) -> int:
    return len(base64.b64decode(body["data"][0]["b64_json"]))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_the_file_is_of_the_format_asked_for(engine: RunningEngine, kind: str) -> None:
    body = made(engine, output_format=kind)

    image = Image.open(io.BytesIO(base64.b64decode(body["data"][0]["b64_json"])))
    assert (image.format, image.size) == (kind.upper(), (64, 64))
    assert body["output_format"] == kind


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_compression_trades_quality_for_bytes(engine: RunningEngine, kind: str) -> None:
    small = made(engine, output_format=kind, output_compression=10)
    large = made(engine, output_format=kind, output_compression=100)

    assert size_in_bytes(small) < size_in_bytes(large)


def test_a_data_url_names_the_format(engine: RunningEngine) -> None:
    body = made(engine, response_format="url", output_format="jpeg")

    assert body["data"][0]["url"].startswith("data:image/jpeg;base64,/9j/")


@pytest.mark.parametrize("model", ["dall-e-2", "dall-e-3"])
def test_dall_e_models_get_urls_unless_they_ask_otherwise(
    engine: RunningEngine, model: str
) -> None:
    assert "url" in made(engine, model=model)["data"][0]
    assert "b64_json" in made(engine, model=model, response_format="b64_json")["data"][0]


def test_the_answer_counts_tokens(engine: RunningEngine) -> None:
    one, two = made(engine), made(engine, n=2)

    usage = one["usage"]
    assert usage["input_tokens"] == usage["input_tokens_details"]["text_tokens"] > 0
    assert usage["output_tokens"] == (64 // 16) ** 2
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert two["usage"]["total_tokens"] == 2 * usage["total_tokens"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"output_format": "gif"}, "output_format"),
        ({"output_format": 3}, "output_format"),
        ({"output_compression": 101}, "output_compression"),
        ({"output_compression": -1}, "output_compression"),
        ({"partial_images": 4}, "partial_images"),
        ({"partial_images": "1"}, "partial_images"),
        ({"negative_prompt": 7}, "negative_prompt"),
        ({"negative_prompt": "x" * 5_000}, "negative_prompt"),
        ({"guidance_scale": "high"}, "guidance_scale"),
        ({"guidance_scale": 1e9}, "guidance_scale"),
        ({"guidance_scale": 10**400}, "guidance_scale"),
        ({"guidance": -1}, "guidance"),
        ({"steps": None, "num_inference_steps": 51}, "num_inference_steps"),
        ({"noise": "pink"}, "noise"),
    ],
)
def test_a_wrong_setting_is_named_as_the_client_spelt_it(
    engine: RunningEngine, fields: dict[str, object], param: str
) -> None:
    answer = engine.generate(**{**SMALL, **fields})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_null_means_absent_for_every_setting(engine: RunningEngine) -> None:
    sent_by_some = {"background", "moderation", "quality", "style", "user", "model"}
    read_here = {
        *("n", "size", "response_format", "output_format", "output_compression", "stream"),
        *("partial_images", "steps", "num_inference_steps", "seed", "noise"),
        *("negative_prompt", "guidance_scale", "guidance"),
    }

    answer = engine.generate(prompt="x", **dict.fromkeys(sent_by_some | read_here))

    assert answer.status_code == 200


@pytest.mark.parametrize("kept", [True, False])
def test_settings_in_the_files_can_be_switched_off(kept: bool) -> None:
    with ScriptedServer(Settings(png_metadata=kept)) as server:
        server.pipeline.free()
        one = server.client.post("/v1/images/generations", json=SMALL).json()["data"][0]["b64_json"]
        other = server.client.post("/sdapi/v1/txt2img", json=SMALL).json()["images"][0]

    for file in (one, other):
        image = Image.open(io.BytesIO(base64.b64decode(file)))
        assert ("parameters" in image.info) is kept
