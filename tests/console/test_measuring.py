"""A start that is measured on purpose, with a service that only the store tells of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cloud_scenes import FACTS

from console.model.images import Preview
from console.model.service import ServiceFacts, ServiceSnapshot, ServiceState
from console.model.starts.measurement import Measured
from console.model.starts.snapshot import StartsSnapshot
from console.model.starts.start import ColdStart, Moment, Reason, WaitingRequest
from console.model.text import SafeText
from console.session.measuring import measured
from console.sources.base import EngineFailed, Offline
from console.sources.engine_http import Finished, Progress
from console.store import Store
from console.terminal.sanitise import sanitise
from engine.schema import Encoded, GenerationRequest, Size, Step

TRACE = "0af7651916cd43dd8448eb211c80319c"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
SCALES = replace(FACTS, min_instances=0, manual_instances=None)


class Maker:
    """A service that takes 31 seconds by `clock` for its first picture, and then tells of it."""

    def __init__(self, store: Store, *, tells: bool = True, breaks: bool = False) -> None:
        self.clock = 100.0
        self.asked: list[str] = []
        self._store = store
        self._tells = tells
        self._breaks = breaks

    async def generate(
        self, request: GenerationRequest, trace: str = ""
    ) -> AsyncGenerator[Progress | Preview | Finished, None]:
        self.asked.append(trace)
        yield Encoded(tokens=3, seconds=0.0)
        if self._breaks:
            raise Offline(sanitise("the connection broke"))
        yield Step(1, 1, 0.1)
        self.clock += 31.0
        yield Finished(b"", Size(64, 64), 1, 0.2)
        if self._tells:
            self._store.set_starts(StartsSnapshot(starts=(the_start(),)))


class Said:
    """What was said while measuring; the first line can be waited for."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.something = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self.something.set()


def the_start() -> ColdStart:
    request = WaitingRequest(NOON, 30.4, 200, trace=SafeText(f"projects/p/traces/{TRACE}"))
    return ColdStart(
        instance=SafeText("00f8a1b2"),
        reason=Reason.AUTOSCALING,
        process=NOON,
        moments={Moment.ARRIVED: NOON, Moment.ANSWERED: NOON + timedelta(seconds=30.4)},
        requests=(request,),
    )


def store_of(state: ServiceState, facts: ServiceFacts = SCALES, instances: int = 0) -> Store:
    store = Store()
    store.set_service(ServiceSnapshot(state=state, facts=facts, instances=instances))
    return store


async def measure(store: Store, maker: Maker, said: Said, seconds: float = 60.0) -> Measured:
    return await measured(
        store,
        maker,
        said,
        monotonic=lambda: maker.clock,
        new_trace=lambda: TRACE,
        told_seconds=seconds,
    )


async def test_a_start_is_timed_from_outside_and_found_again_by_its_trace() -> None:
    store, said = store_of(ServiceState.AT_ZERO), Said()
    maker = Maker(store)

    result = await measure(store, maker, said)

    assert maker.asked == [TRACE]
    assert result.outside == 31.0
    assert result.start is not None
    assert result.start.instance == "00f8a1b2"
    assert result.says[0] == "31.0 s from sending the request to the last byte of the picture"
    assert result.says[1].startswith("30.4 s of them by Cloud Run's clock")
    assert result.says[2].startswith("0.6 s on the way")


async def test_nothing_is_sent_while_an_instance_is_awake() -> None:
    store, said = store_of(ServiceState.READY, instances=1), Said()
    maker = Maker(store)
    waiting = asyncio.create_task(measure(store, maker, said))
    await said.something.wait()

    assert said.lines == ["waiting until the instance that is awake has gone"]
    assert maker.asked == []
    store.set_service(replace(store.service, state=ServiceState.AT_ZERO, instances=0))
    assert (await waiting).outside == 31.0


async def test_a_log_that_does_not_tell_leaves_the_figure_from_outside() -> None:
    store, said = store_of(ServiceState.AT_ZERO), Said()

    result = await measure(store, Maker(store, tells=False), said, seconds=0.01)

    assert (result.outside, result.start) == (31.0, None)
    assert "the log did not tell of its start in time" in result.says[1]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (replace(SCALES, min_instances=1), "minimum instances"),
        (replace(SCALES, manual_instances=0), "manual scaling"),
    ],
)
async def test_what_has_no_cold_starts_is_refused(facts: ServiceFacts, why: str) -> None:
    store = store_of(ServiceState.READY, facts)
    maker = Maker(store)

    with pytest.raises(EngineFailed, match=why):
        await measure(store, maker, Said())

    assert maker.asked == []


async def test_a_log_that_cannot_be_read_is_no_proof_of_zero() -> None:
    store = store_of(ServiceState.AT_ZERO)
    store.set_service(replace(store.service, log_problem=SafeText("logs are denied")))

    with pytest.raises(EngineFailed, match="logs are denied"):
        await measure(store, Maker(store), Said())


async def test_a_service_that_breaks_while_waiting_ends_the_wait() -> None:
    store, said = store_of(ServiceState.READY, instances=2), Said()
    waiting = asyncio.create_task(measure(store, Maker(store), said))
    await said.something.wait()

    gone = replace(store.service, state=ServiceState.MISSING, problem=SafeText("it is gone"))
    store.set_service(gone)

    with pytest.raises(EngineFailed, match="it is gone"):
        await waiting


async def test_a_picture_that_fails_is_said_and_measures_nothing() -> None:
    store = store_of(ServiceState.AT_ZERO)

    with pytest.raises(Offline, match="broke"):
        await measure(store, Maker(store, breaks=True), Said())
