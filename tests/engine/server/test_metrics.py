"""The figures that Prometheus reads, from a real engine, and the dashboard that shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from running_engine import RunningEngine
from starlette.requests import Request

from engine.schema import Phase
from engine.server.metrics import Metrics
from engine.timeline import Timeline

DASHBOARD = Path(__file__).parents[3] / "docs/grafana/zimage.json"
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> Figures:
    """Return each sample by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def busy(tiny_model: Path) -> Iterator[RunningEngine]:
    """An engine that has made two pictures and refused one."""
    with RunningEngine(tiny_model) as running:
        running.wait_for("ready")
        running.generate(prompt="x", size="64x64", steps=3, n=2)
        running.generate(prompt="")
        running.client.get("/v1/models/tiny_z_image")
        running.client.get("/nowhere/1")
        running.client.get("/nowhere/2")
        yield running


@pytest.fixture(scope="module")
def figures(busy: RunningEngine) -> Figures:
    return read(busy.client.get("/metrics").text)


def test_it_is_in_prometheus_own_format(busy: RunningEngine) -> None:
    assert busy.client.get("/metrics").headers["content-type"].startswith("text/plain; version=")


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("zimage_pictures_total", {}, 2),
        ("zimage_step_seconds_count", {}, 6),
        ("zimage_picture_seconds_count", {}, 2),
        ("zimage_queue_wait_seconds_count", {}, 1),
        ("zimage_orders_total", {"outcome": "done"}, 1),
        ("zimage_queue_waiting", {}, 0),
        ("zimage_queue_serving", {}, 0),
        ("zimage_queue_capacity", {}, 8),
        ("zimage_ready", {}, 1),
        ("zimage_errors_total", {"code": "invalid_value"}, 1),
        ("zimage_errors_total", {"code": "not_found"}, 2),
    ],
)
def test_what_happened_is_counted(
    figures: Figures, name: str, labels: dict[str, str], value: float
) -> None:
    assert figures[name, tuple(labels.items())] == value


@pytest.mark.parametrize(
    ("route", "method", "status", "count"),
    [
        ("/v1/images/generations", "POST", "200", 1),
        ("/v1/images/generations", "POST", "400", 1),
        ("/v1/models/{name}", "GET", "200", 1),
        ("other", "GET", "404", 2),
    ],
)
def test_requests_are_counted_by_route_not_by_path(
    figures: Figures, route: str, method: str, status: str, count: int
) -> None:
    labels = (("method", method), ("route", route), ("status", status))

    assert figures["zimage_http_requests_total", labels] == count


def test_each_phase_of_the_start_has_its_second(figures: Figures) -> None:
    seconds = [
        figures["zimage_startup_seconds", (("phase", phase),)]
        for phase in Phase
        if phase is not Phase.FAILED
    ]

    assert seconds == sorted(seconds)
    assert figures["zimage_loaded_bytes", ()] > 0
    assert figures["process_resident_memory_bytes", ()] > 0


def test_made_up_methods_and_codes_make_no_new_series() -> None:
    metrics = Metrics(Timeline())
    for index in range(1_000):
        scope = {"method": f"M{index}", "path": f"/{index}", "endpoint": None}
        metrics.answered(scope, 400, 0.0, f"code{index}")

    assert len(read(_shown(metrics))) < 300


def _shown(metrics: Metrics) -> str:
    import asyncio

    response = asyncio.run(metrics.show(Request({"type": "http"})))
    return bytes(response.body).decode()


def test_the_dashboard_asks_for_nothing_that_is_not_measured(figures: Figures) -> None:
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
        for name in re.findall(r"\b(?:zimage|process)_\w+", target["expr"])
    }

    measured = {name for name, _ in figures} | {
        "zimage_gpu_memory_bytes",
        "zimage_connections_refused_total",
    }
    assert asked
    assert asked <= measured
    assert {each.removesuffix("_bucket") for each in asked if each.startswith("zimage_")} >= {
        "zimage_queue_waiting",
        "zimage_queue_wait_seconds",
        "zimage_step_seconds",
        "zimage_pictures_total",
        "zimage_startup_seconds",
        "zimage_errors_total",
        "zimage_http_requests_total",
    }
