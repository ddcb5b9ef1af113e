"""The service as a process: how it refuses to start, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from raw_client import connect, error_code, post, read_to_end, status
from running_engine import PATIENCE, RunningEngine, clean_environment
from server_sent_events import read_events, wait_for_step

from engine.schema import StartupEvent


def refused(*flags: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Return exit code and standard error of a start that must not succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "engine", "serve", *flags],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=clean_environment(env),
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture
def unusable(tmp_path: Path) -> Path:
    """A directory that is there but empty: the service starts quickly and stays without a model."""
    return tmp_path


def test_a_busy_port_is_one_line_with_its_mend(unusable: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, said = refused("--port", port, "--models", str(unusable))

    assert code == 1
    assert said == (
        f"engine: cannot listen on 127.0.0.1 port {port}: another program uses it; "
        "choose another with --port, or --port 0 for a free one\n"
    )


def test_a_directory_that_does_not_exist_is_refused_before_the_port_opens(tmp_path: Path) -> None:
    code, said = refused("--port", "0", "--models", str(tmp_path / "missing"))

    assert code == 2
    assert said.startswith("engine: model directory")
    assert "does not exist; name the directory" in said
    assert said.count("\n") == 1


def test_a_bad_variable_is_named(unusable: Path) -> None:
    code, said = refused("--models", str(unusable), env={"PORT": "http"})

    assert (code, said) == (
        2,
        "engine: PORT is 'http': write a whole number from 0 to 65535\n",
    )


def test_an_empty_directory_leaves_the_service_up_with_the_reason(unusable: Path) -> None:
    with RunningEngine(unusable) as engine:
        reason = engine.wait_for("failed")["message"]

        assert engine.client.get("/healthz").status_code == 200
        assert engine.client.get("/readyz").json()["message"] == reason


def test_the_port_of_the_platform_is_used(unusable: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "engine", "serve", "--models", str(unusable)]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=clean_environment({"PORT": str(port)})
    )
    assert child.stdout is not None
    with child.stdout:
        said = "".join(line for _, line in zip(range(2), child.stdout, strict=False))
        child.terminate()
        child.stdout.read()
    child.wait(PATIENCE)

    assert f'"port": {port}' in said


@pytest.mark.parametrize(
    ("by", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_it(unusable: Path, by: signal.Signals, code: int) -> None:
    with RunningEngine(unusable) as engine:
        engine.wait_for("failed")

        assert engine.end(by) == code


def test_the_end_of_standard_input_ends_it(unusable: Path) -> None:
    with RunningEngine(unusable, "--exit-on-stdin-eof") as engine:
        engine.wait_for("failed")
        assert engine.process.stdin is not None
        engine.process.stdin.close()

        assert engine.wait() == 0


def test_it_ends_at_once_while_the_model_loads(tiny_model: Path) -> None:
    with RunningEngine(tiny_model) as engine:
        engine.client.get("/healthz")

        assert engine.end() == 0


def test_a_picture_that_is_being_made_is_finished_before_the_end(tiny_model: Path) -> None:
    fields = {"prompt": "x", "size": "128x128", "steps": 20, "stream": True}
    with RunningEngine(tiny_model) as engine:
        with engine.client.stream("POST", "/v1/images/generations", json=fields) as answer:
            events = read_events(answer.iter_lines())
            wait_for_step(events)
            engine.process.send_signal(signal.SIGTERM)
            rest = list(events)

        assert rest[-2][0] == "image_generation.completed"
        assert engine.wait() == 0


def test_a_picture_that_takes_too_long_is_answered_before_the_end(tiny_model: Path) -> None:
    fields = {"prompt": "x", "size": "1024x1024", "steps": 50, "n": 10}
    with RunningEngine(tiny_model) as engine, ThreadPoolExecutor() as pool:
        engine.wait_for("ready")
        plain = pool.submit(engine.generate, **fields)
        with engine.client.stream(
            "POST", "/v1/images/generations", json={**fields, "stream": True}
        ) as answer:
            events = read_events(answer.iter_lines())
            next(events)
            engine.process.send_signal(signal.SIGTERM)
            rest = list(events)

        refused = plain.result()
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "shutting_down")
        assert (rest[-2][0], rest[-2][1]["error"]["code"]) == ("error", "shutting_down")
        assert engine.wait() == 0


def test_a_client_that_is_still_sending_does_not_hold_up_the_end(tiny_model: Path) -> None:
    with RunningEngine(tiny_model) as engine, connect(engine.port) as slow:
        engine.wait_for("ready")
        slow.sendall(post(b'{"prompt"', length=100))
        engine.client.get("/healthz")

        engine.process.send_signal(signal.SIGTERM)
        answer = read_to_end(slow)

        assert (status(answer), error_code(answer)) == (503, "shutting_down")
        assert engine.wait() == 0


def test_every_line_of_the_log_is_json_with_severity_and_time(engine: RunningEngine) -> None:
    # The reader of the log parses each line as it comes; a line that is none ends it.
    engine.client.get("/")
    engine.wait_for("request", path="/")

    assert all({"severity", "message", "time", "event"} <= line.keys() for line in engine.lines)
    assert StartupEvent.from_json(engine.lines[0]).at == 0.0


def test_a_terminal_gets_short_lines(unusable: Path) -> None:
    keeper, terminal = os.openpty()
    with os.fdopen(keeper, "rb", buffering=0) as screen:
        child = subprocess.Popen(
            [sys.executable, "-m", "engine", "serve", "--port", "0", "--models", str(unusable)],
            stdout=terminal,
            env=clean_environment(),
        )
        os.close(terminal)
        shown = b""
        while b"ERROR" not in shown:
            shown += screen.read(4_096)
        child.terminate()
        assert child.wait(PATIENCE) == 0

    assert b"is open after" in shown
    assert b"{" not in shown
