"""The examples in docs/service.md work as they are written."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_server import ScriptedServer

from engine.schema import MAX_COUNT, MAX_PROMPT_CHARACTERS, MAX_SIDE, MAX_STEPS, MIN_SIDE
from engine.server.a1111 import LISTS
from engine.server.predict import ASPECT_RATIOS

DOCUMENT = (Path(__file__).parents[3] / "docs/service.md").read_text()
CURL = re.findall(r"curl (?:-N )?localhost:7860(\S+).*?-d '(.*?)'", DOCUMENT, re.DOTALL)
(PYTHON,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.mark.parametrize(("path", "body"), CURL, ids=[path for path, _ in CURL])
def test_every_call_is_answered(server: ScriptedServer, path: str, body: str) -> None:
    server.pipeline.free()

    assert server.client.post(path, json=json.loads(body)).status_code == 200


def test_there_is_one_for_each_interface() -> None:
    assert {path.split("/")[1] for path, _ in CURL} == {"v1", "sdapi", "predict"}


def test_the_program_prints_what_comes(server: ScriptedServer) -> None:
    server.pipeline.free()
    printed = io.StringIO()

    with contextlib.redirect_stdout(printed):
        exec(PYTHON.replace("http://localhost:7860", server.url), {})

    kinds = [line.split()[0] for line in printed.getvalue().splitlines()]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]


def test_its_limits_are_those_of_the_service() -> None:
    for words in (
        f"up to {MAX_PROMPT_CHARACTERS:,} characters",
        f"multiples of 16 from {MIN_SIDE} to {MAX_SIDE}",
        f"1 to {MAX_COUNT} pictures",
        f"1 to {MAX_STEPS}, 8 unless given",
        *(f"`{name}`" for name in (*LISTS, *ASPECT_RATIOS)),
    ):
        assert words in DOCUMENT
