"""Pictures for model servers' clients: instances in, predictions out."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from scripted_server import ScriptedServer

from engine.schema import InvalidRequest, Size
from engine.server.fields import Fields
from engine.server.predict import Prediction, parse_prediction
from engine.settings import Settings

RED = {"prompt": "a red circle"}


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def predicted(server: ScriptedServer, path: str = "/predict", **body: object) -> httpx.Response:
    server.pipeline.free()
    return server.client.post(path, json=body)


def understood(**body: object) -> Prediction:
    return parse_prediction(Fields(body), Size(512, 512))


@pytest.mark.parametrize(
    "path", ["/predict", "/v1/models/anything:predict", "/v1beta/models/imagen-3.0:predict"]
)
def test_every_instance_becomes_a_prediction(server: ScriptedServer, path: str) -> None:
    answer = predicted(server, path, instances=[RED, {"prompt": "a blue circle"}])

    one, two = answer.json()["predictions"]
    assert server.pipeline.served[-2:] == ["a red circle", "a blue circle"]
    for each in (one, two):
        assert each["mimeType"] == "image/png"
        file = base64.b64decode(each["bytesBase64Encoded"])
        assert Image.open(io.BytesIO(file)).size == (64, 64)


def test_a_file_format_can_be_chosen(server: ScriptedServer) -> None:
    parameters = {"outputOptions": {"mimeType": "image/jpeg", "compressionQuality": 80}}

    (prediction,) = predicted(server, instances=[RED], parameters=parameters).json()["predictions"]

    assert prediction["mimeType"] == "image/jpeg"
    assert base64.b64decode(prediction["bytesBase64Encoded"]).startswith(b"\xff\xd8")


def test_samples_of_one_instance_differ_by_seed() -> None:
    order = understood(instances=RED, parameters={"sampleCount": 3, "seed": 7})

    assert [request.seed for request in order.requests] == [7, 8, 9]


def test_the_parameters_of_imagen_are_read() -> None:
    parameters = {"negativePrompt": "blurry", "guidanceScale": 2, "steps": 4, "size": "64x80"}

    (request,) = understood(instances=[RED], parameters=parameters).requests

    assert (request.negative_prompt, request.guidance) == ("blurry", 2)
    assert (request.steps, request.size) == (4, Size(64, 80))


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("1:1", None),
        ("16:9", Size(688, 384)),
        ("9:16", Size(384, 688)),
        ("4:3", Size(592, 448)),
        (None, None),
    ],
)
def test_an_aspect_ratio_keeps_the_number_of_pixels(ratio: str | None, size: Size | None) -> None:
    order = understood(instances=[RED], parameters={"aspectRatio": ratio})

    assert order.requests[0].size == size


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "instances"),
        ({"instances": []}, "instances"),
        ({"instances": ["a red circle"]}, "instances"),
        ({"instances": [RED] * 11}, "instances"),
        ({"instances": [RED, RED], "parameters": {"sampleCount": 6}}, "instances"),
        ({"instances": [{}]}, "prompt"),
        ({"instances": [{"prompt": 3}]}, "prompt"),
        ({"instances": [RED], "parameters": []}, "parameters"),
        ({"instances": [RED], "parameters": {"sampleCount": 0}}, "sampleCount"),
        ({"instances": [RED], "parameters": {"aspectRatio": "2:1"}}, "aspectRatio"),
        ({"instances": [RED], "parameters": {"outputOptions": "png"}}, "outputOptions"),
        ({"instances": [RED], "parameters": {"outputOptions": {"mimeType": "x"}}}, "mimeType"),
    ],
)
def test_what_makes_no_sense_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        understood(**body)

    assert refusal.value.param == param


def test_a_refusal_has_the_usual_shape(server: ScriptedServer) -> None:
    answer = predicted(server, instances=[])

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "instances"


def test_vertex_ai_chooses_the_paths_and_asks_for_health_without_a_key() -> None:
    settings = Settings(predict_route="/endpoint:predict", health_route="/ping", api_key="k3y")
    with ScriptedServer(settings) as server:
        server.pipeline.free()
        key = {"authorization": "Bearer k3y"}
        answer = server.client.post("/endpoint:predict", json={"instances": [RED]}, headers=key)
        health = server.client.get("/ping")

    assert answer.status_code == 200
    assert health.status_code == 200
