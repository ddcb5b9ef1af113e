"""The web page's files: whole, and unable to load or run anything else."""

from __future__ import annotations

import re

import pytest
from running_engine import RunningEngine


def test_the_page_names_only_files_that_are_served(engine: RunningEngine) -> None:
    page = engine.client.get("/").text

    named = re.findall(r'(?:src|href)="(/[^"]*)"', page)

    assert sorted(named) == ["/page/app.js", "/page/style.css"]
    assert [engine.client.get(path).status_code for path in named] == [200, 200]


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page/app.js", "text/javascript"), ("/page/style.css", "text/css")],
)
def test_each_file_comes_as_what_it_is_and_under_a_strict_policy(
    engine: RunningEngine, path: str, kind: str
) -> None:
    headers = engine.client.get(path).headers

    assert headers["content-type"].startswith(kind)
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_nothing_in_the_page_needs_a_weaker_policy(engine: RunningEngine) -> None:
    page = engine.client.get("/").text

    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", page)


def test_the_script_reads_every_event_that_the_engine_sends(engine: RunningEngine) -> None:
    script = engine.client.get("/page/app.js").text

    for name in ("image_generation.progress", "image_generation.completed", '"error"'):
        assert name in script
