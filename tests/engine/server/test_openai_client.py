"""The official `openai` client, as it comes: what it asks for, when it repeats, what it raises."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Iterator

import openai._base_client
import pytest
from openai import APIStatusError, InternalServerError, NotFoundError, OpenAI
from PIL import Image
from running_engine import RunningEngine
from scripted_pipeline import PATIENCE
from scripted_server import ScriptedServer


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def client_of(url: str, retries: int = 2) -> OpenAI:
    return OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=retries)


def size_of(b64: str | None) -> tuple[int, int]:
    assert b64 is not None
    return Image.open(io.BytesIO(base64.b64decode(b64))).size


def test_several_pictures_in_one_answer(server: ScriptedServer) -> None:
    server.pipeline.free()

    answer = client_of(server.url).images.generate(model="gpt-image-1", prompt="x", n=3)

    assert answer.data is not None
    assert [size_of(image.b64_json) for image in answer.data] == [(64, 64)] * 3
    assert answer.usage is not None
    assert answer.usage.output_tokens == 3 * 16


def test_a_url_instead(server: ScriptedServer) -> None:
    server.pipeline.free()

    answer = client_of(server.url).images.generate(prompt="x", response_format="url")

    assert answer.data is not None
    assert (answer.data[0].url or "").startswith("data:image/png;base64,")


def test_what_openai_does_not_know_goes_through_the_extra_body(server: ScriptedServer) -> None:
    server.pipeline.free()
    extra = {"seed": 5, "steps": 3, "negative_prompt": "blurry", "guidance_scale": 2}

    client_of(server.url).images.generate(prompt="x", extra_body=extra)

    (request,) = server.pipeline.requests
    assert (request.seed, request.steps) == (5, 3)
    assert (request.negative_prompt, request.guidance) == ("blurry", 2)


def test_partial_images_of_the_real_model(engine: RunningEngine) -> None:
    stream = client_of(engine.url).images.generate(
        prompt="x", size="1024x1024", stream=True, partial_images=1, extra_body={"steps": 2}
    )
    with stream:
        partial = next(event for event in stream if "partial" in event.type)

    width, height = size_of(partial.b64_json)
    assert width == height > 16


def test_a_full_queue_is_tried_again_after_the_time_it_names(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        server.pipeline.free()
        for order in orders:
            order.join(PATIENCE)

    monkeypatch.setattr(openai._base_client.time, "sleep", sleep)
    orders = occupy(server)

    answer = client_of(server.url).images.generate(prompt="again")

    refused = [line for line in server.lines if line.get("status") == 429]
    assert len(refused) == len(slept) == 1
    assert answer.data
    assert server.pipeline.served[-1] == "again"
    assert slept[0] >= 1


def occupy(server: ScriptedServer) -> list[threading.Thread]:
    """Have one picture made and one wait, so that the queue is full."""
    server.pipeline.allow(1)
    payload = {"prompt": "x", "stream": True}
    orders = []
    for told in ("step", "queued"):
        reached = threading.Event()

        def follow(told: str = told, reached: threading.Event = reached) -> None:
            with server.client.stream("POST", "/v1/images/generations", json=payload) as answer:
                for line in answer.iter_lines():
                    if f'"event": "{told}"' in line:
                        reached.set()

        orders.append(threading.Thread(target=follow))
        orders[-1].start()
        assert reached.wait(PATIENCE)
    return orders


@pytest.mark.parametrize("prompt", ["fail", "crash"])
def test_a_picture_that_cannot_be_computed_is_not_tried_again(
    server: ScriptedServer, prompt: str
) -> None:
    server.pipeline.free()

    with pytest.raises(InternalServerError) as failure:
        client_of(server.url).images.generate(prompt=prompt)

    assert failure.value.code == "generation_failed"
    assert server.pipeline.served == [prompt]


def test_a_picture_that_fails_in_a_stream_raises_its_reason(server: ScriptedServer) -> None:
    server.pipeline.free()
    stream = client_of(server.url).images.generate(prompt="fail", stream=True)

    with pytest.raises(openai.APIError, match="not-a-number"):
        list(stream)


def test_a_field_that_makes_no_sense_is_named(server: ScriptedServer) -> None:
    with pytest.raises(APIStatusError) as refusal:
        client_of(server.url).images.generate(prompt="x", extra_body={"num_inference_steps": 99})

    assert (refusal.value.status_code, refusal.value.param) == (400, "num_inference_steps")


def test_models_are_listed_and_retrieved(server: ScriptedServer) -> None:
    client = client_of(server.url)
    server.pipeline.free()
    client.images.generate(prompt="x")

    (model,) = client.models.list()

    assert client.models.retrieve(model.id) == model
    with pytest.raises(NotFoundError):
        client.models.retrieve("gpt-image-1")
