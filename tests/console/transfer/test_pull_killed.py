"""Pulls that are ended from outside, and go on: a child each time, as a person starts it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from published_scenes import ALL, hold_published
from pull_process import pulling
from pull_scenes import names
from stand_in_hub import StandInHub


def test_killed_again_and_again_it_goes_on_where_it_was(
    hub: StandInHub, environment: dict[str, str], tmp_path: Path
) -> None:
    held = hold_published(hub, transformer=24_000_000)
    hub.pause = 0.002
    size = sum(map(len, held.values()))
    for kills in range(1, 6):
        with pulling(hub, environment, tmp_path) as child:
            hub.wait_sent(kills * size // 6)
            child.send_signal(signal.SIGKILL)
            assert child.wait(30) == -signal.SIGKILL
        assert not any(
            path.read_bytes() != held[path.name] for path in tmp_path.iterdir() if path.name in held
        ), "under its own name a file is whole"
    with pulling(hub, environment, tmp_path) as child:
        out, err = child.communicate(timeout=60)
        assert (child.returncode, err) == (0, ""), out
    assert {name: (tmp_path / name).read_bytes() for name in ALL} == held
    assert names(tmp_path) == ALL
    assert hub.sent - size <= 5 * 3 * 2**20, "little came twice"
    assert sum(start > 0 for start in hub.starts()) >= 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_and_says_that_it_goes_on(
    hub: StandInHub, environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    held = hold_published(hub, transformer=24_000_000)
    hub.pause = 0.005
    with pulling(hub, environment, tmp_path) as child:
        hub.wait_sent(3_000_000)
        child.send_signal(number)
        _, err = child.communicate(timeout=10)
        assert child.returncode == 128 + number
        assert "what came is kept, the same command goes on from there" in err
        assert len(err.splitlines()) == 1
    hub.pause = 0.0
    with pulling(hub, environment, tmp_path) as child:
        child.communicate(timeout=60)
        assert child.returncode == 0
    assert {name: (tmp_path / name).read_bytes() for name in ALL} == held
