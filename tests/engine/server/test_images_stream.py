"""Pictures over HTTP as server-sent events, and the queue in front of them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from openai import OpenAI
from running_engine import RunningEngine
from server_sent_events import Event, read_events, wait_for_step

# Nobody ever waits for the end of these.
LONG = {"prompt": "x", "size": "512x512", "steps": 50, "n": 10, "stream": True}


def streamed(engine: RunningEngine, **fields: object) -> list[Event]:
    with engine.client.stream("POST", "/v1/images/generations", json=fields) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        return list(read_events(answer.iter_lines()))


def test_progress_comes_step_by_step_and_then_the_picture(engine: RunningEngine) -> None:
    events = streamed(engine, prompt="x", size="64x64", steps=3, seed=1, stream=True)

    *progress, completed, end = events
    assert end == ("", "[DONE]")
    assert {name for name, _ in progress} == {"image_generation.progress"}
    assert [data["event"] for _, data in progress] == [
        "queued",
        "encoded",
        "step",
        "step",
        "step",
        "decoded",
    ]
    assert [data["index"] for _, data in progress if data["event"] == "step"] == [1, 2, 3]
    name, data = completed
    assert name == data["type"] == "image_generation.completed"
    assert base64.b64decode(data["b64_json"]).startswith(b"\x89PNG")
    assert (data["size"], data["output_format"], data["seed"]) == ("64x64", "png", 1)
    assert data["created_at"] > 0


def test_the_stream_ends_in_the_same_picture_as_the_plain_answer(engine: RunningEngine) -> None:
    fields: dict[str, Any] = {"prompt": "x", "size": "64x64", "steps": 2, "seed": 9}

    plain = engine.generate(**fields).json()["data"][0]["b64_json"]

    completed = streamed(engine, **fields, stream=True)[-2][1]
    assert completed["b64_json"] == plain


def test_each_of_several_pictures_is_completed_in_turn(engine: RunningEngine) -> None:
    events = streamed(engine, prompt="x", size="64x64", steps=1, n=2, seed=1, stream=True)

    completed = [data for name, data in events if name == "image_generation.completed"]
    steps = [data["image_index"] for _, data in events[:-1] if data.get("event") == "step"]
    assert [data["seed"] for data in completed] == [1, 2]
    assert steps == [0, 1]


def test_the_openai_client_reads_the_stream(engine: RunningEngine) -> None:
    client = OpenAI(base_url=f"{engine.url}/v1", api_key="none", max_retries=0)

    events = list(
        client.images.generate(
            model="x", prompt="x", stream=True, extra_body={"steps": 1, "size": "64x64"}
        )
    )

    assert events[-1].type == "image_generation.completed"
    assert events[-1].b64_json


def test_a_bad_request_is_refused_before_the_stream_begins(engine: RunningEngine) -> None:
    answer = engine.generate(prompt="", stream=True)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "prompt")


def test_hanging_up_stops_the_picture(engine: RunningEngine) -> None:
    with engine.client.stream("POST", "/v1/images/generations", json=LONG) as answer:
        request_id = answer.headers["x-request-id"]
        wait_for_step(read_events(answer.iter_lines()))

    line = engine.wait_for("request", request_id=request_id)

    assert line["code"] == "cancelled"
    assert engine.generate(prompt="x", size="64x64", steps=1).status_code == 200


def test_a_full_queue_answers_429_with_a_time_to_come_back(engine: RunningEngine) -> None:
    with engine.client.stream("POST", "/v1/images/generations", json=LONG) as served:
        being_made = read_events(served.iter_lines())
        wait_for_step(being_made)
        with engine.client.stream("POST", "/v1/images/generations", json=LONG) as waiting:
            in_the_queue = read_events(waiting.iter_lines())
            _, place = next(in_the_queue)
            refused = engine.generate(prompt="x")

    assert place["position"] == 1
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 120
    assert refused.json()["error"]["code"] == "queue_full"
    for answer in (served, waiting):
        engine.wait_for("request", request_id=answer.headers["x-request-id"], code="cancelled")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/timeline", "/v1/models"])
def test_the_engine_answers_while_it_paints(engine: RunningEngine, path: str) -> None:
    with engine.client.stream("POST", "/v1/images/generations", json=LONG) as answer:
        being_made = read_events(answer.iter_lines())
        wait_for_step(being_made)
        assert engine.client.get(path).status_code == 200

    engine.wait_for("request", request_id=answer.headers["x-request-id"], code="cancelled")
