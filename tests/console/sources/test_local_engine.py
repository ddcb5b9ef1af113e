"""The child process: small Python programs stand for engines that behave badly."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running_session import PATIENCE, child

from console.model.text import SafeText
from console.sources.base import EngineFailed
from console.sources.engine_output import OutputLine
from console.sources.local_engine import (
    LocalEngine,
    child_environment,
    death_reason,
    serve_command,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PORT_OPEN = (
    """print('{"event": "port_open", "at": 0.1, "port": 4242, "message": "x"}', flush=True)"""
)
WAIT = "import sys; sys.stdin.read()"


@asynccontextmanager
async def started(
    program: str, on_line: Callable[[OutputLine], None] = lambda line: None
) -> AsyncIterator[LocalEngine]:
    engine = await LocalEngine.start(child(program), os.environ, on_line, lambda: NOW)
    try:
        async with asyncio.timeout(PATIENCE):
            yield engine
    finally:
        await engine.stop()


async def test_the_port_is_learned_from_the_log() -> None:
    async with started(f"{PORT_OPEN}; {WAIT}") as engine:
        assert await engine.opened() == "http://127.0.0.1:4242"


@pytest.mark.parametrize("port", ["0", "-1", "70000", '"80"', "true", "null"])
async def test_a_port_that_cannot_be_is_not_believed(port: str) -> None:
    program = PORT_OPEN.replace("4242", port)
    async with started(program) as engine:
        with pytest.raises(EngineFailed):
            await engine.opened()


async def test_every_line_is_heard_however_odd() -> None:
    heard: list[str] = []
    program = (
        "import sys; o = sys.stdout.buffer; o.write(b'\\xff\\x1b[2J garbage\\n');"
        "o.write(b'x' * 300_000 + b'\\n'); o.write(b'{}\\n{\"message\": 3}\\n'); o.flush();"
        "sys.stderr.write('oops\\n')"
    )
    async with started(program, lambda line: heard.append(line.message)) as engine:
        await engine.ended()
    assert "\ufffd garbage" in heard
    assert "3" in heard
    assert "oops" in heard
    assert max(len(message) for message in heard) <= 8_192


async def test_a_death_is_explained_by_its_last_words() -> None:
    program = "import sys; print('first', 'then this', sep='\\n', file=sys.stderr); sys.exit(3)"
    async with started(program) as engine:
        with pytest.raises(EngineFailed, match=r"ended \(exit code 3\): then this"):
            await engine.opened()


async def test_a_traceback_is_explained_by_its_last_line() -> None:
    async with started("raise RuntimeError('no luck')") as engine:
        assert "RuntimeError: no luck" in await engine.ended()


async def test_the_key_reaches_the_child_but_not_its_arguments() -> None:
    heard: list[str] = []
    program = "import os, sys; print(os.environ['ZIMAGE_API_KEY']); print(sys.orig_argv)"
    async with started(program, lambda line: heard.append(line.message)) as engine:
        await engine.ended()
    assert heard[0] == engine.key
    assert engine.key not in heard[1]


async def test_every_engine_has_a_key_of_its_own() -> None:
    async with started("") as one, started("") as other:
        assert one.key != other.key


async def test_a_child_that_ignores_requests_to_end_is_killed() -> None:
    program = (
        f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {PORT_OPEN};"
        "signal.pause(); signal.pause()"
    )
    async with started(program) as engine:
        await engine.opened()
        await engine.stop(grace=0.0)
        assert "killed" in await engine.ended()


async def test_what_the_child_started_ends_with_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    alive = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(alive, True)
    grandchild = f"import os, signal; os.open({str(pipe)!r}, os.O_WRONLY); print(1); signal.pause()"
    program = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-uc', {grandchild!r}],"
        " stdout=subprocess.PIPE); p.stdout.readline()"
    )
    try:
        async with started(program) as engine:
            await engine.ended()
            assert await asyncio.to_thread(os.read, alive, 1) == b""
    finally:
        os.close(alive)


async def test_a_console_that_is_killed_takes_its_engine_with_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    alive = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(alive, True)
    here = Path(__file__).parent.parent
    console = f"""
import asyncio, os, signal, sys
sys.path.insert(0, {str(here)!r})
from running_session import SCRIPTED, service, running
from console.config import Config
from console.model.service import ServiceState

async def main():
    command = [*SCRIPTED, "--leave", {str(pipe)!r}]
    async with running(Config(), dict(os.environ), command) as session:
        await service(session.store, ServiceState.READY)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
    try:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", console)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == -9
            assert await asyncio.to_thread(os.read, alive, 1) == b""
    finally:
        os.close(alive)


def test_a_failed_import_says_what_to_install() -> None:
    reason = death_reason(1, SafeText("ModuleNotFoundError: No module named 'torch'"))
    assert reason == (
        "the engine is not installed: module 'torch' is missing; "
        "pip install 'zimage-console[engine]'"
    )


@pytest.mark.parametrize(
    ("code", "said", "reason"),
    [
        (0, None, "the engine process ended (exit code 0)"),
        (-11, SafeText("Fatal"), "the engine process ended (by SIGSEGV): Fatal"),
        (-250, None, "the engine process ended (by signal 250)"),
        (2, SafeText("engine: port 80 is taken"), "port 80 is taken"),
    ],
)
def test_a_death_is_told_in_one_line(code: int, said: SafeText | None, reason: str) -> None:
    assert death_reason(code, said) == reason


def test_the_child_serves_on_loopback_and_knows_no_other_port() -> None:
    command = serve_command("/models")
    assert command[0] == sys.executable
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == "0"
    assert command[-2:] == ["--models", "/models"]
    assert "--models" not in serve_command(None)
    child_has = child_environment({"PORT": "80", "ZIMAGE_MODELS": "/x", "HOME": "/home"}, "key")
    assert not {"PORT", "ZIMAGE_MODELS"} & set(child_has)
    assert (child_has["HOME"], child_has["ZIMAGE_API_KEY"]) == ("/home", "key")
