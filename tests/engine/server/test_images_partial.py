"""Partial images in the stream: the official event, beside the engine's own progress."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from openai import OpenAI
from PIL import Image
from scripted_server import ScriptedServer
from server_sent_events import Event, read_events


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def streamed(server: ScriptedServer, **fields: object) -> list[Event]:
    server.pipeline.free()
    order = {"prompt": "x", "steps": 5, "seed": 3, "stream": True, **fields}
    with server.client.stream("POST", "/v1/images/generations", json=order) as answer:
        return list(read_events(answer.iter_lines()))


def partials(events: list[Event]) -> list[Any]:
    return [data for name, data in events if name == "image_generation.partial_image"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_there_are_as_many_as_were_asked_for(server: ScriptedServer, count: int) -> None:
    events = streamed(server, partial_images=count)

    assert [each["partial_image_index"] for each in partials(events)] == list(range(count))
    assert server.pipeline.requests[-1].previews == count


def test_each_is_a_picture_file_with_the_official_fields(server: ScriptedServer) -> None:
    (partial,) = partials(streamed(server, partial_images=1, output_format="jpeg", size="64x128"))

    image = Image.open(io.BytesIO(base64.b64decode(partial["b64_json"])))
    assert (image.format, image.size) == ("JPEG", (8, 4))
    assert partial["type"] == "image_generation.partial_image"
    assert (partial["size"], partial["output_format"]) == ("64x128", "jpeg")
    assert {"created_at", "quality", "background"} <= set(partial)


def test_each_follows_the_step_that_it_shows(server: ScriptedServer) -> None:
    events = streamed(server, partial_images=2)

    kinds = [data.get("event", name) for name, data in events[:-1]]
    assert kinds == [
        "queued",
        "encoded",
        "step",
        "image_generation.partial_image",
        "step",
        "image_generation.partial_image",
        "step",
        "step",
        "step",
        "decoded",
        "image_generation.completed",
    ]


def test_every_picture_of_an_order_counts_its_own(server: ScriptedServer) -> None:
    found = partials(streamed(server, partial_images=1, n=2))

    assert [each["image_index"] for each in found] == [0, 1]
    assert [each["partial_image_index"] for each in found] == [0, 0]


def test_the_end_of_each_picture_tells_what_it_used(server: ScriptedServer) -> None:
    *_, (name, completed), _ = streamed(server, size="64x64")

    assert name == "image_generation.completed"
    assert completed["usage"]["total_tokens"] == 3 + 16


def test_without_a_stream_no_previews_are_made(server: ScriptedServer) -> None:
    server.pipeline.free()
    order = {"prompt": "x", "steps": 1, "partial_images": 3}

    assert server.client.post("/v1/images/generations", json=order).status_code == 200
    assert server.pipeline.requests[-1].previews == 0


def test_the_openai_client_reads_partial_images(server: ScriptedServer) -> None:
    server.pipeline.free()
    client = OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)

    events = client.images.generate(model="x", prompt="x", stream=True, partial_images=2)

    shown = [each for each in events if each.type == "image_generation.partial_image"]
    assert [each.partial_image_index for each in shown] == [0, 1]
    assert all(base64.b64decode(each.b64_json) for each in shown)
