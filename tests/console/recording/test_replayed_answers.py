"""What was answered is answered again: the same, in order, at its time, and nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from cloud_of_sandbox import joined
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_sandbox import recorder

from console.contexts.opening import SANDBOX_SERVICE
from console.model.log.lines import LogQuery, LogRecord, Severity
from console.model.registry import Repository
from console.model.service import ServiceName
from console.model.storage import Bucket, Kept, ObjectList, StoredObject
from console.model.text import SafeText
from console.recording.clock import ReplayClock
from console.recording.reader import read
from console.recording.recorder import Recorder
from console.recording.replayer import PATIENCE_SECONDS, Replayer
from console.sources.base import (
    Denied,
    LogSource,
    Malformed,
    Missing,
    Offline,
    ServiceSource,
    SourceError,
    StorageSource,
    Throttled,
)
from console.terminal.sanitise import sanitise

BEGAN = datetime(2026, 11, 30, 12, tzinfo=UTC)
PATIENCE = 30.0


@dataclass
class Hand:
    """A clock that is moved by hand."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


def replayer_of(path: Path, hand: Callable[[], float], speed: float = 1.0) -> Replayer:
    recording = read(path)
    assert recording.damage is None, recording.damage
    begins = recording.header.recorded_at
    return Replayer(recording, ReplayClock(begins, recording.seconds, speed, hand))


@dataclass
class Scripted:
    """A source that answers from a list, one answer after the other."""

    answers: list[object]
    hand: Hand = field(default_factory=Hand)

    async def bucket(self, name: str) -> Bucket:
        return cast(Bucket, self._next())

    async def buckets(self, project: str) -> tuple[Bucket, ...]:
        raise NotImplementedError

    async def objects(self, bucket: str, prefix: str = "", limit: int = 1) -> ObjectList:
        return cast(ObjectList, self._next())

    async def unfinished_uploads(self, bucket: str) -> tuple[object, ...]:
        raise NotImplementedError

    def _next(self) -> object:
        self.hand.at += 1.0
        answer = self.answers.pop(0)
        if isinstance(answer, SourceError):
            raise answer
        return answer


async def outcome(asked: Awaitable[object]) -> object:
    """Return an answer, or of an error all that it says."""
    try:
        return await asked
    except SourceError as error:
        return type(error), error.message, {**vars(error)}


def safe(text: str) -> SafeText:
    return sanitise(text)


TEXTS = st.text(max_size=8).map(safe)
MOMENTS = st.datetimes(
    datetime(2020, 1, 1),
    datetime(2030, 1, 1),
    timezones=st.just(UTC),
)
OBJECTS = st.builds(
    StoredObject,
    name=TEXTS,
    size=st.integers(0, 2**60),
    storage_class=TEXTS,
    crc32c=TEXTS,
    generation=st.integers(0, 2**60),
    created=st.none() | MOMENTS,
    kept=st.sampled_from(Kept),
    metadata=st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple),
)
LISTS = st.builds(ObjectList, objects=st.lists(OBJECTS, max_size=3).map(tuple))
ERRORS = st.one_of(
    TEXTS.map(Offline),
    TEXTS.map(Missing),
    st.builds(Denied, TEXTS, TEXTS, TEXTS),
    st.builds(Throttled, TEXTS, st.none() | st.floats(0, 86_400)),
)


@given(st.lists(LISTS | ERRORS, min_size=1, max_size=6))
@settings(deadline=None, max_examples=40)
def test_what_was_answered_is_answered_again(
    tmp_path_factory: pytest.TempPathFactory, answers: list[object]
) -> None:
    path = tmp_path_factory.mktemp("answers") / "a.jsonl"

    async def both() -> None:
        source = Scripted(list(answers))
        recording = recorder_of(path, source.hand)
        wrapped = recording.wrapped("storage", cast(StorageSource, source))
        live = [await outcome(wrapped.objects("b")) for _ in answers]
        recording.close()
        hand = Hand()
        replayer = replayer_of(path, hand)
        replayed: StorageSource = replayer.source("storage")
        replayer.clock.elapsed()
        for number, answer in enumerate(live, 1):
            hand.at = number
            assert await outcome(replayed.objects("b")) == answer

    asyncio.run(both())


def recorder_of(path: Path, hand: Hand) -> Recorder:
    recording = recorder(path, hand)
    recording.begin("sandbox")
    return recording


def bucket(name: str) -> Bucket:
    return Bucket(name=safe(name), location=safe("eu"), storage_class=safe("STANDARD"))


async def recorded_buckets(path: Path, count: int) -> list[Bucket]:
    """Record `count` answers, one each second from the first on."""
    buckets = [bucket(f"b{each}") for each in range(count)]
    source = Scripted([*buckets])
    recording = recorder_of(path, source.hand)
    wrapped = recording.wrapped("storage", cast(StorageSource, source))
    for _ in buckets:
        await wrapped.bucket("b")
    source.hand.at += PATIENCE_SECONDS * 2
    recording.close()
    return buckets


async def test_an_answer_comes_at_its_time_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    buckets = await recorded_buckets(path, 3)
    hand = Hand()
    source: StorageSource = replayer_of(path, hand).source("storage")
    early = asyncio.ensure_future(source.bucket("b"))
    await asyncio.sleep(0)
    assert not early.done()
    early.cancel()
    hand.at = 3.5
    assert await source.bucket("b") == buckets[2], "who asks late hears the newest"
    assert await source.bucket("b") == buckets[2], "nothing newer comes for a long time"


async def test_at_the_end_of_the_recording_nothing_is_answered_and_time_stands_still(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.jsonl"
    await recorded_buckets(path, 1)
    hand = Hand()
    replayer = replayer_of(path, hand)
    source: StorageSource = replayer.source("storage")
    assert replayer.clock.now() == replayer.recording.header.recorded_at
    hand.at = 10_000.0
    assert await source.bucket("b")
    ended = replayer.recording.header.recorded_at + timedelta(seconds=replayer.recording.seconds)
    assert replayer.clock.now() == ended
    more = asyncio.ensure_future(source.bucket("b"))
    await asyncio.sleep(0)
    assert not more.done()
    more.cancel()


async def test_what_was_not_recorded_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    await recorded_buckets(path, 1)
    replayer = replayer_of(path, Hand())
    storage: StorageSource = replayer.source("storage")
    logs: LogSource = replayer.source("logs")
    services: ServiceSource = replayer.source("services")
    with pytest.raises(Offline, match=r"not in the recording: storage\.bucket"):
        await storage.bucket("another")
    with pytest.raises(Offline, match="not in the recording"):
        await services.get(SANDBOX_SERVICE)
    with pytest.raises(Offline, match="not in the recording"):
        await logs.list(SANDBOX_SERVICE, LogQuery(), BEGAN, 5)
    with pytest.raises(Offline, match="not in the recording"):
        await anext(logs.tail(SANDBOX_SERVICE, LogQuery()))


@pytest.mark.parametrize("speed", [0.5, 1.0, 40.0])
def test_time_goes_as_fast_as_is_wished(speed: float) -> None:
    hand = Hand(100.0)
    clock = ReplayClock(BEGAN, 60.0, speed, hand)
    assert clock.now() == BEGAN
    hand.at += 1.0
    assert clock.now() == BEGAN + timedelta(seconds=speed)
    hand.at += 1_000.0
    assert clock.now() == BEGAN + timedelta(seconds=60)


class Lines:
    """A log of three lines, whose tail then breaks."""

    async def list(
        self, name: ServiceName, query: LogQuery, since: datetime, limit: int
    ) -> tuple[LogRecord, ...]:
        return tuple(line(number) for number in range(limit))

    async def tail(self, name: ServiceName, query: LogQuery) -> AsyncGenerator[LogRecord, None]:
        for number in range(3):
            yield line(number)
        raise Offline(safe("the stream broke"))


def line(number: int) -> LogRecord:
    return LogRecord(
        BEGAN + timedelta(seconds=number),
        Severity.INFO,
        safe(f"line {number}"),
        fields={"n": number, "deep": {"a": [1, None, "x"]}},
        received=BEGAN,
    )


async def test_a_tail_brings_the_same_lines_and_breaks_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    recording = recorder_of(path, Hand())
    logs = recording.wrapped("logs", Lines())
    live = await all_of(logs)
    assert len(live) == 4
    assert await logs.list(SANDBOX_SERVICE, LogQuery(), BEGAN, 2)
    recording.close()
    replayed: LogSource = replayer_of(path, Hand()).source("logs")
    assert await all_of(replayed) == live
    later = BEGAN + timedelta(days=1)
    listed = await replayed.list(SANDBOX_SERVICE, LogQuery(), later, 2)
    assert listed == (line(0), line(1)), "asked at another time of day it is the same question"


async def test_a_recording_of_somebody_else_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    recording = recorder_of(path, Hand())
    await all_of(recording.wrapped("logs", Lines()))
    recording.close()
    hostile = r'"x\u001b]0;title\u0007\u009b2J"'
    path.write_text(path.read_text().replace('"x"', hostile).replace('"line 1"', hostile))
    replayed: LogSource = replayer_of(path, Hand()).source("logs")
    told = await all_of(replayed)
    assert len(told) == 4
    for each in told[:3]:
        written = f"{each.message} {each.fields}"
        assert written.isprintable()
        assert "\\x" not in written


async def all_of(logs: LogSource) -> list[Any]:
    told: list[Any] = []
    async with aclosing(logs.tail(SANDBOX_SERVICE, LogQuery())) as lines:
        try:
            async for each in lines:
                told.append(each)  # noqa: PERF401 (what came before it broke counts)
        except Offline as broken:
            told.append(broken.message)
    return told


async def test_an_answer_that_makes_no_sense_is_an_error_of_the_source(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    await recorded_buckets(path, 1)
    path.write_text(path.read_text().replace('"location":"eu"', '"location":[]'))
    hand = Hand()
    replayer = replayer_of(path, hand)
    source: StorageSource = replayer.source("storage")
    assert replayer.clock.elapsed() == 0.0
    hand.at = 5.0
    with pytest.raises(Malformed, match="the recording is damaged here"):
        await source.bucket("b")


async def test_every_source_of_a_real_cloud_answers_again_what_it_answered(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    recording = recorder(path)
    recording.begin("sandbox")
    name = SANDBOX_SERVICE
    async with joined(tmp_path / "state") as there:
        google = there.cloud
        sources = {
            "services": google.services,
            "storage": google.storage,
            "metrics": google.metrics,
            "registry": google.registry,
            "meters": google.meters,
            "logs": google.logs,
        }
        facts = await google.services.get(name)
        mounted = facts.volumes[0].bucket

        async def ask(of: dict[str, Any]) -> list[object]:
            services = of["services"]
            storage = of["storage"]
            repository = Repository("sandbox", "local-1", "z-image")
            revision = facts.latest_created_revision or ""
            return [
                await outcome(asked)
                for asked in (
                    services.get(name),
                    services.list(name.project, name.region),
                    services.revision(name, revision),
                    services.policy(name),
                    services.get(ServiceName("sandbox", "local-1", "none")),
                    storage.buckets(name.project),
                    storage.bucket(mounted),
                    storage.objects(mounted),
                    storage.objects(mounted, "z", 1),
                    storage.unfinished_uploads(mounted),
                    of["metrics"].read(name),
                    of["registry"].images(repository),
                    of["meters"].meters(name, [mounted], BEGAN),
                    of["logs"].list(name, LogQuery(), BEGAN, 10),
                )
            ]

        live = await ask({each: recording.wrapped(each, it) for each, it in sources.items()})
    recording.close()
    replayer = replayer_of(path, time.monotonic, 50.0)
    async with asyncio.timeout(PATIENCE):
        again = await ask({each: replayer.source(each) for each in sources})
    assert again == live
    assert live[4] is not None
