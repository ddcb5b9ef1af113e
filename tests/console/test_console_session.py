"""The session with a real engine server as its child; only the mathematics is scripted."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from running_session import SCRIPTED, child, run_ended, run_where, running, service, until

from console.config import Config
from console.model.images import RunState
from console.model.log.lines import Severity
from console.model.service import ServiceState
from console.terminal.pictures import picture_size
from engine.schema import GenerationRequest, InvalidRequest, Phase, Size

Environment = dict[str, str]


def asked(prompt: str, **settings: int) -> GenerationRequest:
    return GenerationRequest(prompt, **settings)


async def test_the_engine_starts_and_says_how(config: Config, environment: Environment) -> None:
    async with running(config, environment) as session:
        store = session.store
        await service(store, ServiceState.STARTING)
        await service(store, ServiceState.READY)
        assert store.service.model == "scripted"
        assert store.service.problem is None
        assert store.service.pid is not None
        assert store.service.url is not None
        assert store.service.ready_after is not None
        phases = [event.phase for event in store.service.timeline]
        assert phases[:3] == [Phase.PROCESS_START, Phase.PORT_OPEN, Phase.IMPORTS_DONE]
        assert phases[-1] is Phase.READY
        assert "scripted.gguf" in [event.file for event in store.service.timeline]
        assert Phase.READY in [entry.event for entry in store.logs]
    assert store.service.state is ServiceState.STOPPED


async def test_a_prompt_becomes_a_picture_on_disk(config: Config, environment: Environment) -> None:
    async with running(config, environment) as session:
        session.submit(GenerationRequest("a red circle", Size(96, 64), steps=3, seed=5))
        run = await run_ended(session.store, 1)
    assert run.state is RunState.DONE
    assert (run.step, run.total, run.tokens) == (3, 3, 3)
    picture = run.result
    assert picture is not None
    assert (picture.size, picture.seed, picture.seconds) == (Size(96, 64), 5, 2.0)
    assert picture.path == config.pictures_directory / "a-red-circle-5.png"
    assert picture.path.read_bytes() == picture.png
    assert session.store.gallery == (picture,)


async def test_progress_is_told_step_by_step(config: Config, environment: Environment) -> None:
    steps: list[int] = []
    async with running(config, environment) as session:
        store = session.store
        store.subscribe(lambda _: steps.extend(run.step for run in store.runs))
        session.submit(asked("a circle", steps=5))
        await run_ended(store, 1)
    assert steps == sorted(steps)
    assert set(steps) == {0, 1, 2, 3, 4, 5}


async def test_previews_come_while_the_picture_is_made_and_are_not_kept(
    config: Config, environment: Environment
) -> None:
    seen: list[int] = []
    async with running(config, environment) as session:
        store = session.store
        store.subscribe(
            lambda _: seen.extend(run.step for run in store.runs if run.preview is not None)
        )
        session.submit(asked("stall", steps=2, previews=1))
        await until(store, lambda: bool(seen))
        preview = store.runs[0].preview
        assert preview is not None
        assert picture_size(preview.png) == (2, 2)
        session.cancel()
        session.submit(asked("a circle", steps=2, previews=1))
        await run_ended(store, 2)
    assert set(seen) == {1, 2}
    assert [run.preview for run in store.runs] == [None, None]


async def test_prompts_given_while_it_starts_are_kept_and_run_in_order(
    config: Config, environment: Environment, tmp_path: Path
) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    order: list[int] = []
    async with running(config, environment, [*SCRIPTED, "--hold", str(hold)]) as session:
        store = session.store
        for prompt in ("one", "two", "three"):
            session.submit(asked(prompt))
        await until(store, lambda: Phase.IMPORTS_DONE in [e.phase for e in store.service.timeline])
        assert [run.state for run in store.runs] == [RunState.WAITING] * 3

        def note(_: object) -> None:
            order.extend(run.number for run in store.runs if run.state is RunState.RUNNING)

        store.subscribe(note)
        hold.unlink()
        await run_ended(store, 3)
    assert [run.state for run in store.runs] == [RunState.DONE] * 3
    assert order == sorted(order)
    assert [picture.prompt for picture in store.gallery] == ["three", "two", "one"]


async def test_a_request_that_makes_no_sense_is_refused_at_once(
    config: Config, environment: Environment
) -> None:
    async with running(config, environment) as session:
        with pytest.raises(InvalidRequest, match="multiple of 16"):
            session.submit(GenerationRequest("a circle", Size(100, 100)))
        with pytest.raises(InvalidRequest, match="empty"):
            session.submit(asked("  "))
        with pytest.raises(InvalidRequest, match="10,000 characters"):
            session.submit(asked("x" * 10_000))
        assert session.store.runs == ()


async def test_more_prompts_than_anyone_can_want_are_refused(
    config: Config, environment: Environment
) -> None:
    async with running(config, environment) as session:
        for _ in range(100):
            session.submit(asked("a circle"))
        with pytest.raises(InvalidRequest, match="wait already"):
            session.submit(asked("a circle"))


async def test_cancelling_frees_the_engine_for_the_next_prompt(
    config: Config, environment: Environment
) -> None:
    async with running(config, environment) as session:
        session.submit(asked("stall"))
        session.submit(asked("a circle"))
        await run_where(session.store, 1, lambda run: run.step == 1)
        assert session.cancel()
        assert (await run_ended(session.store, 1)).state is RunState.CANCELLED
        assert (await run_ended(session.store, 2)).state is RunState.DONE
        assert not session.cancel()


async def test_a_prompt_that_still_waits_can_be_cancelled(
    config: Config, environment: Environment, tmp_path: Path
) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    async with running(config, environment, [*SCRIPTED, "--hold", str(hold)]) as session:
        session.submit(asked("first"))
        session.submit(asked("second"))
        assert session.cancel()
        hold.unlink()
        assert (await run_ended(session.store, 1)).state is RunState.DONE
        assert session.store.runs[1].state is RunState.CANCELLED


async def test_a_picture_that_fails_says_why_and_the_next_one_is_made(
    config: Config, environment: Environment
) -> None:
    async with running(config, environment) as session:
        session.submit(asked("fail"))
        session.submit(asked("a circle"))
        failed = await run_ended(session.store, 1)
        assert failed.state is RunState.FAILED
        assert failed.problem is not None
        assert "not-a-number" in failed.problem
        assert (await run_ended(session.store, 2)).state is RunState.DONE
        assert session.store.service.state is ServiceState.READY


async def test_an_engine_that_dies_takes_one_picture_with_it_and_can_be_restarted(
    config: Config, environment: Environment
) -> None:
    async with running(config, environment) as session:
        store = session.store
        session.submit(asked("die"))
        session.submit(asked("a circle"))
        await service(store, ServiceState.FAILED)
        assert store.service.problem == "out of luck"
        assert (store.service.pid, store.service.url) == (None, None)
        assert store.runs[0].state is RunState.FAILED
        assert store.runs[0].problem == "out of luck"
        assert store.runs[1].state is RunState.WAITING
        assert store.logs.tail(1)[0].severity is Severity.ERROR

        await session.restart()
        assert (await run_ended(store, 2)).state is RunState.DONE
        assert store.service.state is ServiceState.READY


async def test_an_engine_that_is_killed_says_so(config: Config, environment: Environment) -> None:
    async with running(config, environment) as session:
        store = session.store
        await service(store, ServiceState.READY)
        assert store.service.pid is not None
        os.kill(store.service.pid, signal.SIGKILL)
        await service(store, ServiceState.FAILED)
        assert store.service.problem is not None
        assert "memory" in store.service.problem


async def test_a_restart_gives_a_new_process_and_keeps_what_waits(
    config: Config, environment: Environment
) -> None:
    async with running(config, environment) as session:
        store = session.store
        session.submit(asked("stall"))
        session.submit(asked("a circle"))
        await run_where(store, 1, lambda run: run.step == 1)
        before = store.service.pid
        await session.restart()
        assert (await run_ended(store, 2)).state is RunState.DONE
        assert store.runs[0].state is RunState.FAILED
        assert store.runs[0].problem is not None
        assert "restarted" in store.runs[0].problem
        assert store.service.pid != before


async def test_a_command_that_does_not_exist_is_one_line_and_not_the_end(
    config: Config, environment: Environment
) -> None:
    async with running(config, environment, ["/nowhere/python"]) as session:
        await service(session.store, ServiceState.FAILED)
        assert "/nowhere/python" in (session.store.service.problem or "")
        await session.restart()
        await until(session.store, lambda: len(session.store.logs) == 2)


async def test_an_engine_without_its_libraries_says_what_to_install(
    config: Config, environment: Environment
) -> None:
    async with running(config, environment, child("import torch_is_missing")) as session:
        await service(session.store, ServiceState.FAILED)
    problem = session.store.logs.tail(1)[0].message
    assert "module 'torch_is_missing' is missing" in problem
    assert "pip install 'zimage-console[engine]'" in problem


async def test_model_files_that_cannot_be_used_are_told_in_the_engine_s_words(
    config: Config, environment: Environment, tmp_path: Path
) -> None:
    real = replace(config, models=str(tmp_path / "missing"))
    async with running(real, environment, serve(real)) as session:
        await service(session.store, ServiceState.FAILED)
        assert (session.store.service.problem or "").startswith("model directory")
        assert session.store.service.models_directory == real.models


async def test_an_engine_that_is_silent_and_opens_no_port_is_given_up(
    config: Config, environment: Environment
) -> None:
    silent = child("import sys; sys.stdin.read()")
    async with running(config, environment, silent, quiet_limit=0.05) as session:
        await service(session.store, ServiceState.FAILED)
        assert "said nothing for 0.05 s" in (session.store.service.problem or "")


async def test_a_picture_that_cannot_be_saved_is_still_shown(
    config: Config, environment: Environment, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    nowhere = replace(config, pictures_directory=tmp_path / "file" / "pictures")
    async with running(nowhere, environment) as session:
        session.submit(asked("a circle"))
        run = await run_ended(session.store, 1)
        assert run.state is RunState.DONE
        assert run.result is not None
        assert run.result.path is None
        assert any("was not saved" in entry.message for entry in session.store.logs)

        copy = await session.save(run.result, tmp_path / "copy.png")
        assert copy.read_bytes() == run.result.png


async def test_closing_while_a_picture_is_made_ends_the_engine(
    config: Config, environment: Environment, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    alive = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        async with running(config, environment, [*SCRIPTED, "--leave", str(pipe)]) as session:
            session.submit(asked("stall"))
            await run_where(session.store, 1, lambda run: run.step == 1)
            with pytest.raises(BlockingIOError):
                os.read(alive, 1)
            await session.close()
            assert session.store.service.state is ServiceState.STOPPED
            os.set_blocking(alive, True)
            assert await asyncio.to_thread(os.read, alive, 1) == b""
    finally:
        os.close(alive)


def serve(config: Config) -> list[str]:
    from console.sources.local_engine import serve_command

    return serve_command(config.models)


async def test_the_real_engine_makes_a_picture_from_real_files(
    config: Config, environment: Environment, tiny_model_directory: Path
) -> None:
    real = replace(config, models=str(tiny_model_directory))
    async with running(real, environment, serve(real)) as session:
        session.submit(GenerationRequest("a red circle", Size(64, 64), steps=2, seed=1))
        run = await run_ended(session.store, 1)
        assert run.problem is None
        assert run.result is not None
        assert run.result.path is not None
        assert run.result.path.read_bytes().startswith(b"\x89PNG")
        files = {event.file for event in session.store.service.timeline if event.file}
        assert files == set(os.listdir(tiny_model_directory))
