"""Pictures over HTTP as JSON, from a real engine with a real, if tiny, model."""

from __future__ import annotations

import base64
import io
import socket

import httpx
import pytest
from openai import APIStatusError, BadRequestError, OpenAI
from PIL import Image
from running_engine import RunningEngine

SMALL = {"size": "64x64", "steps": 1}


@pytest.fixture
def openai_client(engine: RunningEngine) -> OpenAI:
    return OpenAI(base_url=f"{engine.url}/v1", api_key="none needed", max_retries=0)


def opened(b64: str | None) -> Image.Image:
    assert b64 is not None
    return Image.open(io.BytesIO(base64.b64decode(b64)))


def test_the_openai_client_gets_a_picture(openai_client: OpenAI) -> None:
    answer = openai_client.images.generate(
        model="gpt-image-1", prompt="a red circle", size="64x96", extra_body={"steps": 2}
    )

    assert answer.data is not None
    assert opened(answer.data[0].b64_json).size == (64, 96)
    assert (answer.size, answer.output_format) == ("64x96", "png")


def test_without_a_size_the_model_chooses_its_own(engine: RunningEngine) -> None:
    native = engine.client.get("/v1/models").json()["data"][0]["native_size"]

    for size in (None, "auto"):
        assert engine.generate(prompt="x", steps=1, size=size).json()["size"] == native


def test_a_picture_says_how_it_was_made(engine: RunningEngine) -> None:
    (data,) = engine.generate(prompt="一只猫", seed=7, **SMALL).json()["data"]

    assert data["seed"] == 7
    assert data["seconds"] > 0
    assert opened(data["b64_json"]).info["parameters"].startswith("一只猫\nSteps: 1,")


def test_the_same_seed_gives_the_same_file(engine: RunningEngine) -> None:
    one, other = (engine.generate(prompt="x", seed=7, **SMALL).json()["data"] for _ in range(2))

    assert one[0]["b64_json"] == other[0]["b64_json"]


def test_without_a_seed_every_picture_is_new_and_tells_its_seed(engine: RunningEngine) -> None:
    one, other = (engine.generate(prompt="x", **SMALL).json()["data"][0] for _ in range(2))

    assert one["seed"] != other["seed"]
    again = engine.generate(prompt="x", seed=one["seed"], **SMALL).json()["data"][0]
    assert again["b64_json"] == one["b64_json"]


def test_several_pictures_from_one_seed_differ(engine: RunningEngine) -> None:
    data = engine.generate(prompt="x", n=3, seed=5, **SMALL).json()["data"]

    assert [each["seed"] for each in data] == [5, 6, 7]
    assert len({each["b64_json"] for each in data}) == 3


def test_a_url_is_a_data_url(engine: RunningEngine) -> None:
    (data,) = engine.generate(prompt="x", response_format="url", **SMALL).json()["data"]

    assert data["url"].startswith("data:image/png;base64,iVBOR")
    assert "b64_json" not in data


def test_what_clients_send_beyond_the_prompt_does_no_harm(engine: RunningEngine) -> None:
    answer = engine.generate(
        prompt="x",
        model="dall-e-3",
        n=None,
        response_format=None,
        stream=None,
        seed=None,
        quality="hd",
        user="me",
        cfg_scale=7,
        num_inference_steps=1,
        size="64x64",
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("fields", "param", "message"),
    [
        ({}, "prompt", "prompt is missing"),
        ({"prompt": 3}, "prompt", "prompt is missing"),
        ({"prompt": " \n"}, "prompt", "the prompt is empty"),
        ({"prompt": "x" * 10_000}, "prompt", "10,000 characters"),
        ({"prompt": "\ud800"}, "prompt", "not valid Unicode"),
        ({"prompt": "x", "size": "100x100"}, "size", "the nearest is 96x96"),
        ({"prompt": "x", "size": "99999x16"}, "size", "not possible"),
        ({"prompt": "x", "size": "large"}, "size", "'large' is not WIDTHxHEIGHT"),
        ({"prompt": "x", "size": 512}, "size", "size is 512"),
        ({"prompt": "x", "n": 11}, "n", "1 to 10"),
        ({"prompt": "x", "n": "2"}, "n", "whole number"),
        ({"prompt": "x", "n": True}, "n", "whole number"),
        ({"prompt": "x", "steps": 0}, "steps", "0 steps"),
        ({"prompt": "x", "num_inference_steps": 4.5}, "num_inference_steps", "4.5"),
        ({"prompt": "x", "seed": -1}, "seed", "seed -1"),
        ({"prompt": "x", "seed": 2**63}, "seed", "not between"),
        ({"prompt": "x", "seed": {"a": "b" * 99}}, "seed", "whole number"),
        ({"prompt": "x", "stream": "yes"}, "stream", "true or false"),
        ({"prompt": "x", "response_format": "jpeg"}, "response_format", "b64_json or url"),
    ],
)
def test_a_field_that_makes_no_sense_is_named(
    engine: RunningEngine, fields: dict[str, object], param: str, message: str
) -> None:
    answer = engine.generate(**fields)

    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert error["param"] == param
    assert message in error["message"]
    assert "\n" not in error["message"]


def test_the_openai_client_understands_the_refusal(openai_client: OpenAI) -> None:
    with pytest.raises(BadRequestError) as refusal:
        openai_client.images.generate(model="x", prompt="x", size="100x100")

    assert refusal.value.param == "size"
    assert refusal.value.code == "invalid_value"
    assert refusal.value.request_id is not None


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'["prompt"]', b"null", b'{"seed": ' + b"9" * 9_999],
    ids=["empty", "cut", "not text", "deep", "array", "null", "long number"],
)
def test_a_body_that_is_no_json_object_is_refused(engine: RunningEngine, body: bytes) -> None:
    answer = engine.client.post(
        "/v1/images/generations", content=body, headers={"content-type": "application/json"}
    )

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "body")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_taken_so_that_no_web_page_can_post_a_form(
    engine: RunningEngine, kind: str
) -> None:
    answer = engine.client.post(
        "/v1/images/generations", content=b'{"prompt": "x"}', headers={"content-type": kind}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_a_huge_body_is_refused(engine: RunningEngine) -> None:
    answer = engine.generate(prompt="x" * 1_100_000)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_the_wrong_method_and_the_wrong_path_are_refused_in_the_same_shape(
    engine: RunningEngine,
) -> None:
    wrong_method = engine.client.get("/v1/images/generations")
    wrong_path = engine.client.get("/v1/chat/completions")

    assert (wrong_method.status_code, wrong_path.status_code) == (405, 404)
    for answer in (wrong_method, wrong_path):
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_every_answer_has_an_id_of_its_own(engine: RunningEngine) -> None:
    answers = [engine.client.get(path) for path in ("/", "/healthz", "/readyz", "/nowhere")]
    answers.append(engine.generate())

    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


def test_the_models_list_names_the_loaded_one(openai_client: OpenAI) -> None:
    (model,) = openai_client.models.list()

    assert openai_client.models.retrieve(model.id).id == model.id
    with pytest.raises(APIStatusError, match="is not loaded"):
        openai_client.models.retrieve("gpt-image-1")


def test_a_client_that_hangs_up_cancels_its_picture(engine: RunningEngine) -> None:
    body = b'{"prompt": "nobody waits for this", "size": "512x512", "steps": 50, "n": 10}'
    head = (
        "POST /v1/images/generations HTTP/1.1\r\nhost: engine\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", engine.port)) as connection:
        connection.sendall(head.encode() + body)

    line = engine.wait_for("request", status=499)

    assert line["code"] == "cancelled"
    assert engine.generate(prompt="x", **SMALL).status_code == 200


def test_a_request_is_logged_with_its_figures_but_without_its_prompt(
    engine: RunningEngine,
) -> None:
    answer = engine.generate(prompt="my secret wish", seed=42, **SMALL)

    line = engine.wait_for("request", request_id=answer.headers["x-request-id"])

    assert (line["status"], line["size"], line["steps"], line["seed"]) == (200, "64x64", 1, 42)
    assert line["seconds"] > 0
    assert "secret" not in str(engine.lines)


def test_probes_are_not_logged(engine: RunningEngine) -> None:
    probe = engine.client.get("/healthz")
    answer = engine.client.get("/")

    engine.wait_for("request", request_id=answer.headers["x-request-id"])
    ids = [line.get("request_id") for line in engine.lines]
    assert probe.headers["x-request-id"] not in ids


def test_no_answer_lets_another_web_site_read_it(engine: RunningEngine) -> None:
    answer = engine.client.get("/v1/models", headers={"origin": "https://elsewhere.example"})

    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_head_request_is_answered(engine: RunningEngine) -> None:
    answer: httpx.Response = engine.client.head("/healthz")

    assert (answer.status_code, answer.content) == (200, b"")
