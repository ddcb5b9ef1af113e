"""The OpenAPI document is true: it names every path, and the service does what it says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted_server import ScriptedServer
from starlette.routing import Route

from engine.log import Log
from engine.server.app import create_app
from engine.server.openapi import OpenApi
from engine.settings import Settings
from engine.timeline import Timeline
from engine.worker import Worker

EXAMPLES = "5"
KEY = "k3y"
WITH_KEY = {"authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def document() -> Any:
    return OpenApi(with_key=False).document()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(Settings(api_key=KEY), tiny=True) as running:
        running.pipeline.allow(1_000_000)
        yield running


def routed(settings: Settings) -> dict[str, set[str]]:
    """Return the methods of every path that the application answers, but for the page's."""
    timeline = Timeline()
    worker = Worker(lambda _: pytest.fail("never started"), timeline)
    app: Any = create_app(worker, timeline, settings, Log(sys.stderr))
    found: dict[str, set[str]] = {}
    for route in app._app.routes:
        assert isinstance(route, Route)
        path = route.path.replace(":path}", "}")
        if path != "/" and not path.startswith("/page/"):
            found[path] = {each.lower() for each in (route.methods or ()) if each != "HEAD"}
    return found


def test_it_names_every_path_and_method_that_there_is(document: Any) -> None:
    named = {
        path: set(operations) - {"parameters"} for path, operations in document["paths"].items()
    }

    assert named == routed(Settings())


def test_it_is_served(server: ScriptedServer) -> None:
    answer = server.client.get("/openapi.json", headers=WITH_KEY)

    assert answer.json()["openapi"] == "3.1.0"


def test_a_key_is_asked_for_only_where_there_is_one() -> None:
    with_key = OpenApi(with_key=True).document()
    without = OpenApi(with_key=False).document()

    assert with_key["security"]
    assert not without["security"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_key(path: str) -> None:
    paths: Any = OpenApi(with_key=True).document()["paths"]

    assert paths[path]["get"]["security"] == []


def test_the_service_does_what_the_document_says(server: ScriptedServer, tmp_path: Path) -> None:
    program = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert program is not None, "schemathesis is not installed; run: make test"

    found = subprocess.run(
        [
            program,
            *("run", f"{server.url}/openapi.json", "--no-color"),
            *("--header", f"Authorization: Bearer {KEY}"),
            *("--max-examples", EXAMPLES, "--generation-deterministic"),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )

    assert found.returncode == 0, found.stdout + found.stderr
    assert not [line for line in server.lines if line.get("status", 0) >= 500]
