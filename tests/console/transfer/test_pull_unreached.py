"""A hub that cannot be reached: that is said at once, with what is done about it, and the mend."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from published_scenes import hold_published
from pull_process import pulling
from pull_scenes import FILE, PatientTime, source
from stand_in_hub import Fault, StandInHub

from console.session.transfer.part_file import PullError
from console.session.transfer.pull import plan_pull
from console.sources.hub_errors import Unreached

NOBODY = StandInHub(endpoint="http://127.0.0.1:1")


@pytest.fixture
def silence() -> Iterator[StandInHub]:
    """A hub behind a wall that swallows whoever wants to connect."""
    with socket.socket() as wall:
        wall.bind(("127.0.0.1", 0))
        wall.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(wall.getsockname())
        yield StandInHub(endpoint=f"http://127.0.0.1:{wall.getsockname()[1]}")
        for each in waiting:
            each.close()


def test_that_it_is_asked_again_is_said_each_time_and_in_the_end_the_mend(tmp_path: Path) -> None:
    time, troubles = PatientTime(), list[str]()

    with pytest.raises(PullError, match=r"set HF_ENDPOINT=https://hf-mirror\.com"):
        plan_pull(
            source(NOBODY),
            NOBODY.endpoint,
            [FILE],
            tmp_path,
            time.surroundings(),
            trouble=troubles.append,
        )

    assert [each.rpartition("; ")[2] for each in troubles] == [
        "asking again in 1 s",
        "asking again in 2 s",
        "asking again in 4 s",
        "asking again in 8 s",
    ]
    assert all(each.startswith("127.0.0.1:1 cannot be reached: ") for each in troubles)


def test_it_is_said_while_there_is_still_hope(environment: dict[str, str], tmp_path: Path) -> None:
    with pulling(NOBODY, environment, tmp_path) as child:
        assert child.stderr is not None
        first = child.stderr.readline()
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=30)

    assert first.startswith("127.0.0.1:1 cannot be reached: ")
    assert first.endswith("asking again in 1 s\n")
    assert child.returncode == 130


def test_a_wall_is_told_from_a_hub_that_is_slow(silence: StandInHub) -> None:
    with pytest.raises(Unreached, match="cannot be reached: timed out"):
        source(silence).state(FILE)


def test_a_hub_that_is_busy_is_said_and_asked_again(
    hub: StandInHub, environment: dict[str, str], tmp_path: Path
) -> None:
    hold_published(hub, transformer=100_000)
    hub.hub_faults.append(Fault("status", status=503))
    with pulling(hub, environment, tmp_path) as child:
        _, err = child.communicate(timeout=60)

    assert child.returncode == 0
    assert err == f"{hub.endpoint.removeprefix('http://')} answered 503; asking again in 1 s\n"
