"""A request that takes longer than any may, in a real engine."""

from __future__ import annotations

from pathlib import Path

from running_engine import RunningEngine


def test_a_request_over_its_time_is_answered_and_the_next_is_served(tiny_model: Path) -> None:
    with RunningEngine(tiny_model, env={"ZIMAGE_DEADLINE": "1"}) as engine:
        engine.wait_for("ready")
        late = engine.generate(prompt="x", size="256x256", steps=50, n=10)
        small = engine.generate(prompt="x", size="64x64", steps=1)

    assert (late.status_code, late.headers["x-should-retry"]) == (504, "false")
    assert late.json()["error"]["code"] == "deadline_exceeded"
    assert small.status_code == 200
