"""A command that is run slowly: the real engine, whose own clock has to tell of all of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running_session import PATIENCE, child

from console.sandbox.instances.slowed import MODULE, BadSlowness, Slowness, slowed
from console.sources.local_engine import child_environment, serve_command

ENVIRONMENT = child_environment(os.environ, key="")
SECONDS = st.floats(0.0, 600.0)


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A child whose standard input stays open, as that of a container does."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, env=ENVIRONMENT, text=True, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def terminated(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)


def no_longer_cared_for(process: subprocess.Popen[str]) -> None:
    """Close its standard input, as the system does when whoever started it has died."""
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", MODULE, *words]
    return subprocess.run(
        command, env=ENVIRONMENT, text=True, input="", capture_output=True, timeout=PATIENCE
    )


@given(
    st.builds(
        Slowness,
        image=SECONDS,
        imports=SECONDS,
        conversion=SECONDS,
        warm_up=SECONDS,
        picture=SECONDS,
        rate=st.floats(0.0, 1e12),
        mounts=st.lists(st.text()).map(tuple),
    )
)
def test_a_slowness_is_read_as_it_was_written(slowness: Slowness) -> None:
    assert Slowness.from_json(slowness.to_json()) == slowness


def test_what_is_not_slow_is_run_as_it_stands() -> None:
    assert slowed(["engine"], Slowness(mounts=("/models",))) == ["engine"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "[]",
        "5",
        "null",
        '{"mood": 5}',
        '{"image": -1}',
        '{"image": NaN}',
        '{"image": Infinity}',
        '{"rate": Infinity}',
        '{"image": true}',
        '{"image": "5"}',
        '{"image": null}',
        '{"image": 1e99}',
        '{"mounts": "/models"}',
        '{"mounts": [5]}',
        "[" * 100_000,
    ],
)
def test_settings_that_are_none_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadSlowness) as refused:
        Slowness.from_json(text)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["{}"],
        ["{}", "--"],
        ["{}", "true"],
        ["soon", "--", "true"],
        ['{"mood": 1}', "--", "true"],
    ],
)
def test_a_command_line_without_settings_or_command_is_refused_in_one_line(
    words: list[str],
) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("slowed: ")


def test_a_command_that_does_not_exist_is_said_in_one_line(tmp_path: Path) -> None:
    done = run('{"imports": 1}', "--", str(tmp_path / "nowhere"))
    assert done.returncode == 127
    assert done.stderr.splitlines() == [
        f"slowed: {tmp_path}/nowhere cannot be run: No such file or directory"
    ]


def test_another_command_takes_the_place_of_the_process_later() -> None:
    program = "import os, sys, time; print(os.getpid(), flush=True); sys.stdin.read()"
    command = slowed(child(program), Slowness(image=0.3))
    began = time.monotonic()
    with running(command) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        assert time.monotonic() - began >= 0.3


def test_an_engine_whose_image_streams_in_ends_at_a_signal_and_says_nothing() -> None:
    with running(slowed(serve_command(None), Slowness(image=600.0))) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == -signal.SIGTERM
        assert process.communicate() == ("", "")


def test_an_engine_whose_image_streams_in_ends_with_whoever_started_it() -> None:
    with running(slowed(serve_command(None), Slowness(image=600.0))) as process:
        no_longer_cared_for(process)
        assert process.wait(PATIENCE) == 0


@pytest.mark.thorough
@pytest.mark.parametrize("end", [terminated, no_longer_cared_for])
@pytest.mark.parametrize(
    ("slowness", "last"),
    [
        (Slowness(imports=600.0), "port_open"),
        (Slowness(conversion=600.0), "weights_read"),
        (Slowness(warm_up=600.0), "on_device"),
    ],
)
def test_a_slow_engine_ends_at_a_signal_and_with_whoever_started_it(
    slowness: Slowness, last: str, end: Callable[[subprocess.Popen[str]], None]
) -> None:
    with running(slowed(serve_command(None), slowness)) as process:
        assert process.stdout is not None
        port = 0
        for line in process.stdout:
            said = json.loads(line)
            port = said.get("port", port)
            if said["event"] == last:
                break
        # It answers while it loses time, and hears signals from then on.
        url = f"http://127.0.0.1:{port}/healthz"
        assert httpx.get(url, timeout=PATIENCE, trust_env=False).status_code == 200
        end(process)
        assert process.wait(PATIENCE) == 0


def test_the_engine_itself_tells_of_what_was_lost(tmp_path: Path) -> None:
    source = Path(serve_command.__code__.co_filename).parents[2] / "engine" / "demo" / "files"
    mount = tmp_path / "models"
    mount.mkdir()
    for file in source.iterdir():
        (mount / file.name).symlink_to(file)
    real = (str(source.resolve()),)
    slowness = Slowness(image=0.5, imports=0.6, conversion=0.7, warm_up=0.8, rate=8e6, mounts=real)
    moments: dict[str, float] = {}
    seconds = read = 0.0
    with running(slowed(serve_command(str(mount)), slowness)) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            moments[said["event"]] = said["at"]
            if said["event"] == "weights_read":
                seconds, read = seconds + said["seconds"], read + said["bytes"]
            if said["event"] == "ready":
                break
    assert moments["port_open"] >= 0.5
    assert moments["imports_done"] - moments["port_open"] >= 0.6
    assert seconds >= 0.9 * read / 8e6
    assert moments["on_device"] - moments["weights_read"] >= 0.7
    assert moments["warm"] - moments["on_device"] >= 0.8
