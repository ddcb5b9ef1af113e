"""What the watch makes of answers; the service's answers are a list, told one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from running_session import service

from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.session.engine_watch import ServiceWatch
from console.sources.base import EngineFailed, Offline, SourceError
from console.sources.engine_output import OutputLine, parse_line
from console.store import Store
from engine.schema import Phase, Readiness, StartupEvent

NOW = datetime(2026, 1, 1, tzinfo=UTC)
READY = Readiness(True, Phase.READY, 100, "ready")
READING = Readiness(False, Phase.WEIGHTS_READ, 40, "reading")
SILENT = Offline(SafeText("nothing answers"))


class Answers:
    """Answers in the order given, the last one for ever."""

    def __init__(self, readiness: Sequence[Readiness | SourceError]) -> None:
        self._readiness = list(readiness)

    async def readiness(self) -> Readiness:
        said = self._readiness.pop(0) if len(self._readiness) > 1 else self._readiness[0]
        if isinstance(said, SourceError):
            raise said
        return said

    async def timeline(self) -> tuple[StartupEvent, ...]:
        return (StartupEvent(Phase.PROCESS_START, 0.0),)

    async def models(self) -> tuple[SafeText, ...]:
        return (SafeText("z-image"),)


def watching(store: Store) -> ServiceWatch:
    watch = ServiceWatch(store, lambda: NOW, lambda: 0.5, ready_seconds=0.0)
    watch.began(ServiceSnapshot(state=ServiceState.STARTING))
    return watch


def line(**fields: str | float) -> OutputLine:
    import json

    parsed = parse_line(json.dumps({"message": "words", **fields}).encode(), NOW)
    assert parsed is not None
    return parsed


async def test_a_start_is_followed_through_silence_to_ready() -> None:
    store = Store()
    await watching(store).until_ready(Answers([SILENT, READING, SILENT, READY]))
    assert store.service.state is ServiceState.READY
    assert (store.service.model, store.service.fetched_at) == ("z-image", NOW)


async def test_a_start_that_failed_is_told_with_its_reason() -> None:
    failed = Readiness(False, Phase.FAILED, 0, "z.gguf ends too early; copy it again")
    with pytest.raises(EngineFailed, match="ends too early"):
        await watching(Store()).until_ready(Answers([READING, failed]))


async def test_a_start_that_lacks_a_library_says_what_to_install() -> None:
    failed = Readiness(False, Phase.FAILED, 0, "No module named 'torch'")
    with pytest.raises(EngineFailed, match="pip install"):
        await watching(Store()).until_ready(Answers([failed]))


async def test_one_silence_is_forgiven_and_a_longer_one_is_not() -> None:
    store = Store()
    states: list[ServiceState] = []
    watch = watching(store)
    await watch.until_ready(Answers([READY]))
    store.subscribe(lambda _: states.append(store.service.state))
    answers = Answers([SILENT, READY, SILENT, SILENT, SILENT, READY])
    task = asyncio.create_task(watch.while_ready(answers))
    await service(store, ServiceState.UNREACHABLE)
    assert store.service.problem == "nothing answers"
    await service(store, ServiceState.READY)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert states.count(ServiceState.UNREACHABLE) == 1
    assert store.service.problem is None


def test_a_log_line_tells_a_phase_before_anybody_asks() -> None:
    store = Store()
    watching(store).heard(line(event="imports_done", at=1.5))
    assert store.service.timeline == (StartupEvent(Phase.IMPORTS_DONE, 1.5),)
    assert store.service.readiness == Readiness(False, Phase.IMPORTS_DONE, 0, "words")
    assert [entry.event for entry in store.logs] == ["imports_done"]


def test_the_same_moment_is_told_once() -> None:
    store = Store()
    watch = watching(store)
    watch.heard(line(event="imports_done", at=1.5))
    watch.heard(line(event="imports_done", at=1.6))
    assert len(store.service.timeline) == 1


async def test_an_answer_that_log_lines_overtook_takes_nothing_back() -> None:
    store = Store()
    watch = watching(store)
    watch.heard(line(event="ready", at=2.0))
    told: list[Readiness | None] = []
    store.subscribe(lambda _: told.append(store.service.readiness))
    await watch.until_ready(Answers([READING, READY]))
    assert {readiness.percent for readiness in told if readiness} == {100}
    phases = [event.phase for event in store.service.timeline]
    assert phases == [Phase.PROCESS_START, Phase.READY]


def test_a_failure_takes_address_and_process_away() -> None:
    store = Store()
    watch = watching(store)
    store.set_service(replace(store.service, url="http://x", pid=7, readiness=READY))
    watch.failed(SafeText("it died"))
    gone = store.service
    assert (gone.state, gone.problem) == (ServiceState.FAILED, "it died")
    assert (gone.url, gone.pid) == (None, None)
    assert gone.readiness is not None
    assert not gone.readiness.ready
