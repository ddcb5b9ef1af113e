"""What every answer carries, and which web pages may ask, in a real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from raw_client import exchange
from running_engine import RunningEngine

LISTED = "https://studio.example"
SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    """An engine without a model, which one origin may call; its key has letters beyond ASCII."""
    empty: Path = tmp_path_factory.mktemp("empty")
    env = {"ZIMAGE_CORS_ORIGINS": LISTED, "ZIMAGE_API_KEY": "schlüssel"}
    with RunningEngine(empty, env=env) as running:
        running.wait_for("failed")
        yield running


def ask(engine: RunningEngine, method: str, **headers: str) -> httpx.Response:
    fields = {"prompt": "x"}
    named = {name.replace("_", "-"): value.encode() for name, value in headers.items()}
    return engine.client.request(method, "/v1/images/generations", json=fields, headers=named)


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/models", "/nowhere", "/metrics"])
def test_every_answer_has_the_headers_of_security(engine: RunningEngine, path: str) -> None:
    answer = engine.client.get(path)

    assert SECURITY.items() <= dict(answer.headers).items()
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_even_the_refusal_of_what_is_not_http_has_them(engine: RunningEngine) -> None:
    answer = exchange(engine.port, b"hello\r\n\r\n").decode().lower()

    assert all(f"{name}: {value}".lower() in answer for name, value in SECURITY.items())


def test_a_page_of_another_site_gets_no_picture(engine: RunningEngine) -> None:
    answer = ask(engine, "POST", origin="https://evil.example")

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "origin_not_allowed"


def test_a_strangers_name_that_points_here_is_not_answered(engine: RunningEngine) -> None:
    answer = engine.client.get("/v1/models", headers={"host": "evil.example"})

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "host_not_allowed"


def test_a_listed_origin_is_let_through_to_the_key(listing: RunningEngine) -> None:
    preflight = ask(listing, "OPTIONS", origin=LISTED, access_control_request_method="POST")
    without = ask(listing, "POST", origin=LISTED)
    with_key = ask(listing, "POST", origin=LISTED, authorization="Bearer schlüssel")

    assert preflight.status_code == 204
    assert (without.status_code, with_key.status_code) == (401, 503)
    for answer in (preflight, without, with_key):
        assert answer.headers["access-control-allow-origin"] == LISTED


def test_with_a_key_any_name_is_answered(listing: RunningEngine) -> None:
    headers = {"host": "engine.example", "x-api-key": "schlüssel".encode()}

    assert listing.client.get("/v1/models", headers=headers).status_code == 200


def test_figures_need_the_key(listing: RunningEngine) -> None:
    assert listing.client.get("/metrics").status_code == 401
