"""An engine on this machine, put on record and seen again where there is none."""

from __future__ import annotations

from pathlib import Path

from recorded_sandbox import PROMPT, at_work, recorder, replaying
from running_session import SCRIPTED, run_ended, service, until

from console.config import Config
from console.model.images import RunState
from console.model.service import ServiceState
from console.recording.recorded_engines import RecordedEngines
from console.session.engine_session import Session
from console.session.engines import EngineAnswers, OwnEngines
from console.store import Store


def lines_of(store: Store) -> list[tuple[object, ...]]:
    """Return what the engine wrote."""
    return [(each.time, each.message) for each in store.logs if each.event != "console"]


async def recorded(
    config: Config, environment: dict[str, str], path: Path, *, restart: bool = False
) -> Store:
    """Record an engine's start and a picture, and another start if that is wished."""
    recording = recorder(path)
    recording.begin("local")
    store = Store()
    session = Session(
        store,
        config,
        command=SCRIPTED,
        environment=environment,
        keep_pictures=False,
        engines=RecordedEngines(OwnEngines(), recording),
    )
    async with at_work(session):
        await service(store, ServiceState.READY)
        session.submit(PROMPT)
        await run_ended(store, 1)
        await until(store, lambda: any("POST" in each.message for each in store.logs))
        if restart:
            before = store.service.pid
            await session.restart()
            await until(store, lambda: store.service.pid not in (before, None))
            await service(store, ServiceState.READY)
        recording.close()
    assert recording.problem is None
    return store


async def test_the_start_of_an_engine_and_its_picture_are_seen_again(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "local.jsonl"
    live = await recorded(config, environment, path)
    again, session, recording = replaying(config, path, 5.0)
    assert recording.header.context == "local"
    async with at_work(session):
        await service(again, ServiceState.READY)
        run = await run_ended(again, 1)
        assert run.state is RunState.DONE, run.problem
        assert again.service.pid is not None
        told = lines_of(live)
        assert any("POST" in str(message) for _, message in told)
        await until(again, lambda: lines_of(again) == told)


async def test_an_engine_that_was_restarted_is_restarted_again(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "local.jsonl"
    await recorded(config, environment, path, restart=True)
    again, session, recording = replaying(config, path, 5.0)
    pids = [
        each.said()["answer"]
        for (call, _), told in recording.asked.items()
        for each in told
        if call == "engine.start"
    ]
    assert len(pids) == 2
    async with at_work(session):
        await until(again, lambda: again.service.pid == pids[0])
        await until(again, lambda: again.service.pid == pids[1])
        await service(again, ServiceState.READY)


async def test_the_key_of_an_engine_is_not_recorded(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "local.jsonl"
    keys: list[str] = []

    class Watched(OwnEngines):
        async def connect(self, url: str, key: str) -> EngineAnswers:
            keys.append(key)
            return await super().connect(url, key)

    recording = recorder(path)
    recording.begin("local")
    store = Store()
    session = Session(
        store,
        config,
        command=SCRIPTED,
        environment=environment,
        keep_pictures=False,
        engines=RecordedEngines(Watched(), recording),
    )
    async with at_work(session):
        await service(store, ServiceState.READY)
    recording.close()
    assert keys
    assert keys[0] not in path.read_text()
