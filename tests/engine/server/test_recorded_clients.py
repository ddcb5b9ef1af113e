"""What image clients send, word for word, and what they read out of the answers.

The requests in `recorded/` are written down from the clients' public sources. Each is sent over a
socket as it stands.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from scripted_pipeline import PATIENCE
from scripted_server import ScriptedServer

from engine.settings import Settings

RECORDED = Path(__file__).parent / "recorded"
KEY = "s3cret"


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def played(server: ScriptedServer, client: str, name: str, **headers: str) -> Any:
    """Send one recorded request and return the JSON of its answer."""
    server.pipeline.free()
    requests = json.loads((RECORDED / f"{client}.json").read_text())["requests"]
    (request,) = [each for each in requests if each["name"] == name]
    body = json.dumps(request["body"]).encode() if "body" in request else None
    host = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=PATIENCE)
    try:
        connection.request(
            request["method"], request["path"], body, {**request["headers"], **headers}
        )
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    assert answer.status == 200, text
    return json.loads(text)


def size_of(b64: str) -> tuple[int, int]:
    return Image.open(io.BytesIO(base64.b64decode(b64))).size


class TestOpenWebUI:
    def test_openai(self, server: ScriptedServer) -> None:
        answer = played(server, "open_webui_openai", "generate")

        assert [size_of(image["b64_json"]) for image in answer["data"]] == [(512, 512)]

    def test_openai_with_a_newer_model(self, server: ScriptedServer) -> None:
        answer = played(server, "open_webui_openai", "generate with a gpt-image model")

        assert [size_of(image["b64_json"]) for image in answer["data"]] == [(64, 64)] * 2

    def test_automatic1111_shows_the_model_as_the_one_selected(
        self, server: ScriptedServer
    ) -> None:
        options = played(server, "open_webui_automatic1111", "verify")
        (model,) = played(server, "open_webui_automatic1111", "models")

        assert options["sd_model_checkpoint"] == model["title"]
        assert model["model_name"] == "scripted"

    def test_automatic1111_lets_another_model_be_set(self, server: ScriptedServer) -> None:
        assert played(server, "open_webui_automatic1111", "set model") is None

    def test_automatic1111(self, server: ScriptedServer) -> None:
        answer = played(server, "open_webui_automatic1111", "generate")

        assert [size_of(image) for image in answer["images"]] == [(512, 512)]
        assert "info" in answer

    def test_automatic1111_with_a_batch(self, server: ScriptedServer) -> None:
        answer = played(server, "open_webui_automatic1111", "generate with further parameters")

        assert [size_of(image) for image in answer["images"]] == [(768, 512)] * 2

    def test_gemini(self, server: ScriptedServer) -> None:
        answer = played(server, "open_webui_gemini", "generate")

        (prediction,) = answer["predictions"]
        assert size_of(prediction["bytesBase64Encoded"]) == (64, 64)


class TestLibreChat:
    def test_dall_e_3_reads_a_url(self, server: ScriptedServer) -> None:
        answer = played(server, "librechat_openai", "dall-e-3")

        url = answer["data"][0]["url"]
        assert size_of(url.removeprefix("data:image/png;base64,")) == (1024, 1024)

    def test_gpt_image_reads_base64(self, server: ScriptedServer) -> None:
        answer = played(server, "librechat_openai", "gpt-image-1")

        assert size_of(answer["data"][0]["b64_json"]) == (64, 64)

    def test_gpt_image_as_webp(self, server: ScriptedServer) -> None:
        answer = played(server, "librechat_openai", "gpt-image-1 as webp")

        file = base64.b64decode(answer["data"][0]["b64_json"])
        image = Image.open(io.BytesIO(file))
        assert (image.format, image.size) == ("WEBP", (1024, 1536))

    def test_stable_diffusion_reads_the_picture_and_its_metadata(
        self, server: ScriptedServer
    ) -> None:
        answer = played(server, "librechat_stable_diffusion", "generate")

        info = json.loads(answer["info"])
        assert size_of(answer["images"][0].split(",", 1)[0]) == (1024, 1024)
        assert (info["height"], info["width"]) == (1024, 1024)
        assert info["infotexts"][0].splitlines()[-1].startswith("Steps: 22, Sampler: Euler, Seed: ")
        assert isinstance(info["seed"], int)


class TestSillyTavern:
    @pytest.mark.parametrize(
        ("name", "field"),
        [
            ("samplers", "name"),
            ("schedulers", "name"),
            ("models", "title"),
            ("upscalers", "name"),
            ("latent upscalers", "name"),
            ("vaes", "model_name"),
        ],
    )
    def test_lists(self, server: ScriptedServer, name: str, field: str) -> None:
        listed = played(server, "sillytavern", name)

        assert all(isinstance(each[field], str) for each in listed)

    def test_the_lists_to_choose_from_are_not_empty(self, server: ScriptedServer) -> None:
        for name in ("samplers", "schedulers", "models", "upscalers"):
            assert played(server, "sillytavern", name)

    def test_connecting_shows_the_model(self, server: ScriptedServer) -> None:
        assert played(server, "sillytavern", "ping")["sd_model_checkpoint"] == "scripted"

    def test_choosing_a_model_ends_at_once(self, server: ScriptedServer) -> None:
        played(server, "sillytavern", "set model")
        progress = played(server, "sillytavern", "progress")

        assert progress["progress"] == 0.0
        assert progress["state"]["job_count"] == 0

    def test_generating(self, server: ScriptedServer) -> None:
        answer = played(server, "sillytavern", "generate")

        assert [size_of(image) for image in answer["images"]] == [(512, 512)]

    def test_interrupting_when_nothing_is_made(self, server: ScriptedServer) -> None:
        played(server, "sillytavern", "interrupt")


def test_clients_of_automatic1111_send_the_key_as_a_password() -> None:
    basic = "Basic " + base64.b64encode(f"user:{KEY}".encode()).decode()
    with ScriptedServer(Settings(api_key=KEY)) as server:
        server.pipeline.free()
        assert server.client.get("/sdapi/v1/options").status_code == 401

        played(server, "sillytavern", "ping", Authorization=basic)
        played(server, "open_webui_automatic1111", "verify", authorization=basic)


def test_clients_of_gemini_send_the_key_in_a_header_of_their_own() -> None:
    with ScriptedServer(Settings(api_key=KEY)) as server:
        played(server, "open_webui_gemini", "generate", **{"x-goog-api-key": KEY})
