"""How the service starts: the port first, everything slow behind it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_engine import RunningEngine
from server_sent_events import read_events

from engine.schema import Phase, StartupEvent

KEY = "correct horse battery staple"
TRACE = "0123456789abcdef0123456789abcdef"


def test_nothing_of_the_service_imports_torch() -> None:
    code = (
        "import sys, engine.cli.serve, engine.worker, engine.server.app, engine.server.run\n"
        "print({'torch', 'numpy', 'PIL', 'safetensors', 'tokenizers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


def test_the_port_is_open_before_the_web_server_is_imported() -> None:
    code = (
        "import sys, engine.cli.serve\n"
        "print({'starlette', 'uvicorn', 'asyncio', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


class TestEarlyRequest:
    """A request that is sent as soon as the port is open."""

    @pytest.fixture(scope="class")
    def early(self, tiny_model: Path) -> Iterator[RunningEngine]:
        env = {"ZIMAGE_LOG_PROMPTS": "1", "GOOGLE_CLOUD_PROJECT": "shop"}
        with RunningEngine(tiny_model, "--threads", "1", env=env) as running:
            yield running

    def test_it_waits_for_the_model_and_is_served(self, early: RunningEngine) -> None:
        fields = {"prompt": "an early wish", "size": "64x64", "steps": 1, "stream": True}
        headers = {"traceparent": f"00-{TRACE}-00000000000000aa-01"}
        with early.client.stream(
            "POST", "/v1/images/generations", json=fields, headers=headers
        ) as answer:
            events = read_events(answer.iter_lines())
            assert next(events)[1]["event"] == "queued"
            readiness = early.client.get("/readyz")
            rest = list(events)

        assert readiness.status_code == 503
        assert readiness.json()["ready"] is False
        assert rest[-2][0] == "image_generation.completed"

    def test_the_phases_are_told_in_their_order(self, early: RunningEngine) -> None:
        early.wait_for("first_image")
        answer = early.client.get("/v1/timeline").json()

        events = [StartupEvent.from_json(each) for each in answer["events"]]
        phases = list(dict.fromkeys(event.phase for event in events))
        assert phases == [phase for phase in Phase if phase is not Phase.FAILED]
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert answer["schema_version"] == 1
        assert events[1].port == early.port

    def test_each_file_is_told_with_its_size(self, early: RunningEngine, tiny_model: Path) -> None:
        early.wait_for("ready")

        read = {line["file"]: line for line in early.lines if line["event"] == "weights_read"}

        assert set(read) == {file.name for file in tiny_model.iterdir()}
        assert all(line["bytes"] > 0 and line["seconds"] >= 0 for line in read.values())

    def test_it_is_ready_afterwards(self, early: RunningEngine) -> None:
        early.wait_for("ready")

        answer = early.client.get("/readyz")

        assert (answer.status_code, answer.json()["percent"]) == (200, 100)

    def test_its_line_has_prompt_and_trace(self, early: RunningEngine) -> None:
        line = early.wait_for("request", prompt="an early wish")

        assert line["logging.googleapis.com/trace"] == f"projects/shop/traces/{TRACE}"


class TestUnusableModel:
    """A truncated file: the service stays up and says why it makes no pictures. It has a key."""

    @pytest.fixture(scope="class")
    def failed(self, truncated_model: Path) -> Iterator[RunningEngine]:
        with RunningEngine(truncated_model, env={"ZIMAGE_API_KEY": KEY}) as running:
            running.wait_for("failed")
            yield running

    def test_readiness_says_why(self, failed: RunningEngine) -> None:
        answer = failed.client.get("/readyz")

        assert (answer.status_code, answer.json()["phase"]) == (503, "failed")
        assert "truncated" in answer.json()["message"]
        assert "\n" not in answer.json()["message"]

    def test_the_reason_is_an_error_in_the_log(self, failed: RunningEngine) -> None:
        assert failed.wait_for("failed")["severity"] == "ERROR"

    def test_a_request_is_refused_and_not_to_be_repeated(self, failed: RunningEngine) -> None:
        answer = failed.client.post(
            "/v1/images/generations", json={"prompt": "x"}, headers={"x-api-key": KEY}
        )

        assert (answer.status_code, answer.headers["x-should-retry"]) == (503, "false")
        assert answer.json()["error"]["code"] == "model_failed"
        assert "truncated" in answer.json()["error"]["message"]

    @pytest.mark.parametrize("path", ["/healthz", "/readyz"])
    def test_probes_need_no_key(self, failed: RunningEngine, path: str) -> None:
        assert failed.client.get(path).status_code in (200, 503)

    def test_the_page_needs_no_key_because_it_asks_for_it(self, failed: RunningEngine) -> None:
        named = re.findall(r'(?:src|href)="(/[^"]*)"', failed.client.get("/").text)

        assert named
        assert {failed.client.get(path).status_code for path in named} == {200}

    def test_no_password_window_opens_over_the_page(self, failed: RunningEngine) -> None:
        answer = failed.client.get("/v1/models", headers={"accept": "application/json"})

        assert answer.headers["www-authenticate"].startswith("Bearer ")

    @pytest.mark.parametrize("path", ["/v1/models", "/v1/timeline", "/nowhere", "/page"])
    def test_everything_else_needs_the_key(self, failed: RunningEngine, path: str) -> None:
        answer = failed.client.get(path)

        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "invalid_api_key"
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert answer.headers["x-request-id"]

    @pytest.mark.parametrize(
        "credentials",
        [
            {"headers": {"authorization": f"Bearer {KEY}"}},
            {"headers": {"authorization": f"bearer {KEY}"}},
            {"headers": {"x-api-key": KEY}},
            {"auth": ("anybody", KEY)},
        ],
        ids=["bearer", "lower case", "header", "basic"],
    )
    def test_the_key_opens(self, failed: RunningEngine, credentials: dict[str, Any]) -> None:
        assert failed.client.get("/v1/models", **credentials).status_code == 200

    @pytest.mark.parametrize(
        "authorization",
        ["", "Bearer", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", KEY, "Basic !!!", "Basic eA=="],
    )
    def test_anything_else_does_not(self, failed: RunningEngine, authorization: str) -> None:
        answer = failed.client.get("/v1/models", headers={"authorization": authorization})

        assert answer.status_code == 401

    def test_the_key_is_never_written(self, failed: RunningEngine) -> None:
        failed.client.get("/v1/models", headers={"x-api-key": KEY})
        answer = failed.client.get("/", headers={"x-api-key": KEY})
        failed.wait_for("request", request_id=answer.headers["x-request-id"])

        assert KEY not in str(failed.lines)
