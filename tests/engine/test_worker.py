"""The worker, with a pipeline that takes each step when the test allows it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from scripted_pipeline import PATIENCE, ScriptedPipeline
from worker_bench import RED, Bench, names, refused, wait_for_step, wait_until_served

from engine.errors import (
    Cancelled,
    GenerationFailed,
    MalformedFile,
    NotReady,
    QueueFull,
)
from engine.schema import (
    Done,
    GenerationEvent,
    GenerationRequest,
    InvalidRequest,
    Phase,
    Queued,
)
from engine.timeline import Timeline
from engine.worker import Worker


def test_a_request_becomes_a_picture(bench: Bench) -> None:
    worker = bench.start()
    bench.pipeline.allow(2)

    events = list(worker.submit(RED))

    assert names(events) == ["queued", "encoded", "step", "step", "decoded", "done"]
    assert bench.pipeline.warm


def test_a_request_that_comes_while_the_model_loads_waits_and_is_served(bench: Bench) -> None:
    bench.worker.start()
    ticket = bench.worker.submit(RED)
    assert next(iter(ticket)) == Queued(0)
    assert not bench.timeline.readiness().ready

    bench.may_load.set()
    bench.pipeline.allow(2)

    assert names(list(ticket))[-1] == "done"


def test_a_start_is_told_phase_by_phase(bench: Bench) -> None:
    worker = bench.start()
    bench.pipeline.allow(2)
    list(worker.submit(RED))

    phases = [event.phase for event in bench.timeline.events()]

    assert phases == [
        Phase.PROCESS_START,
        Phase.ON_DEVICE,
        Phase.WARM,
        Phase.READY,
        Phase.FIRST_IMAGE,
    ]


def test_a_ticket_of_two_pictures_has_two_ends(bench: Bench) -> None:
    worker = bench.start()
    bench.pipeline.allow(4)

    events = list(worker.submit(RED, RED))

    assert names(events).count("done") == 2
    assert names(events)[-1] == "done"


def test_requests_are_served_in_their_order_and_told_their_place(bench: Bench) -> None:
    first, second, third = (GenerationRequest(p, steps=1) for p in ("one", "two", "three"))
    worker = bench.start()
    one = worker.submit(first)
    wait_until_served(one)
    two, three = worker.submit(second), worker.submit(third)
    bench.pipeline.allow(3)

    places = [event.position for event in three if isinstance(event, Queued)]

    assert places == [2, 1]
    assert [event.position for event in two if isinstance(event, Queued)] == [1]
    assert bench.pipeline.served == ["one", "two", "three"]


def test_a_full_queue_says_when_to_come_back(bench: Bench) -> None:
    worker = bench.start()
    wait_until_served(worker.submit(RED))
    worker.submit(RED)
    worker.submit(RED)

    with pytest.raises(QueueFull, match="2 requests wait already") as refusal:
        worker.submit(RED)

    assert refusal.value.retry_after == pytest.approx(10.0)


def test_each_one_who_is_turned_away_is_told_of_another_free_place(bench: Bench) -> None:
    worker = bench.start()
    wait_until_served(worker.submit(RED))
    worker.submit(RED)
    worker.submit(RED)

    waits = [refused(worker) for _ in range(4)]

    assert waits == pytest.approx([10.0, 20.0, 30.0, 30.0])


def test_a_picture_that_is_half_made_is_only_half_to_wait_for(bench: Bench) -> None:
    worker = bench.start()
    wait_until_served(worker.submit(RED))
    worker.submit(RED)
    worker.submit(RED)
    bench.clock.seconds += 5.0

    assert refused(worker) == pytest.approx(5.0)


def test_the_guess_of_when_to_come_back_learns_from_pictures(bench: Bench) -> None:
    worker = bench.start()
    bench.pipeline.allow(2)
    list(worker.submit(RED))
    wait_until_served(worker.submit(RED))
    worker.submit(RED)
    worker.submit(RED)

    with pytest.raises(QueueFull) as refusal:
        worker.submit(RED)

    assert refusal.value.retry_after < 30.0


def test_a_cancelled_request_stops_before_its_next_step(bench: Bench) -> None:
    worker = bench.start()
    ticket = worker.submit(GenerationRequest("long", steps=50))
    bench.pipeline.allow(3)
    wait_for_step(ticket, 3)

    ticket.cancel()
    bench.pipeline.free()

    with pytest.raises(Cancelled):
        list(ticket)
    assert bench.pipeline.steps_done == 3


def test_a_waiting_request_that_is_cancelled_ends_at_once_and_frees_its_place(
    bench: Bench,
) -> None:
    worker = bench.start()
    wait_until_served(worker.submit(RED))
    waiting = worker.submit(GenerationRequest("unwanted"))
    worker.submit(RED)

    waiting.cancel()

    with pytest.raises(Cancelled):
        list(waiting)
    assert worker.waiting() == 1
    worker.submit(RED)
    bench.pipeline.free()
    worker.stop()
    assert "unwanted" not in bench.pipeline.served


def test_cancelling_a_finished_ticket_changes_nothing(bench: Bench) -> None:
    worker = bench.start()
    bench.pipeline.allow(2)
    ticket = worker.submit(RED)
    events = list(ticket)

    ticket.cancel()

    assert list(ticket) == events


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("fail", "the picture has not-a-number values"),
        ("crash", "unexpected ZeroDivisionError: division by zero"),
    ],
)
def test_a_failed_request_does_not_end_the_worker(bench: Bench, prompt: str, message: str) -> None:
    worker = bench.start()
    bench.pipeline.free()

    with pytest.raises(GenerationFailed, match=message):
        list(worker.submit(GenerationRequest(prompt)))

    assert names(list(worker.submit(RED)))[-1] == "done"


def test_a_request_that_makes_no_sense_is_not_queued(bench: Bench) -> None:
    worker = bench.start()

    with pytest.raises(InvalidRequest, match="empty"):
        worker.submit(GenerationRequest("  "))

    assert worker.waiting() == 0


def test_a_failed_load_fails_those_who_wait_and_those_who_come() -> None:
    timeline, go = Timeline(), threading.Event()

    def load(timeline: Timeline) -> ScriptedPipeline:
        assert go.wait(PATIENCE)
        raise MalformedFile("z.gguf is truncated; download it again")

    worker = Worker(load, timeline)
    worker.start()
    early = worker.submit(RED)
    go.set()

    with pytest.raises(NotReady, match=r"z\.gguf is truncated") as refusal:
        list(early)
    assert refusal.value.final
    with pytest.raises(NotReady, match=r"z\.gguf is truncated"):
        worker.submit(RED)
    worker.stop()
    assert timeline.readiness().phase is Phase.FAILED
    assert timeline.readiness().message == "z.gguf is truncated; download it again"


def test_stopping_finishes_what_was_accepted(bench: Bench) -> None:
    worker = bench.start()
    tickets = [worker.submit(RED), worker.submit(RED)]
    bench.pipeline.free()

    assert worker.stop(finish_within=PATIENCE)

    assert [names(list(ticket))[-1] for ticket in tickets] == ["done", "done"]
    with pytest.raises(NotReady, match="shutting down"):
        worker.submit(RED)


def test_stopping_cancels_what_takes_too_long(bench: Bench) -> None:
    worker = bench.start()
    slow, waiting = worker.submit(GenerationRequest("slow", steps=50)), worker.submit(RED)
    wait_until_served(slow)

    with ThreadPoolExecutor() as pool:
        stopped = pool.submit(worker.stop, finish_within=0.0, abort_within=PATIENCE)
        with pytest.raises(NotReady, match="shutting down"):
            list(waiting)
        bench.pipeline.free()
        assert stopped.result(PATIENCE)

    with pytest.raises(NotReady, match="shutting down"):
        list(slow)
    assert bench.pipeline.steps_done == 0


def test_stopping_does_not_wait_for_a_load(bench: Bench) -> None:
    bench.worker.start()
    waiting = bench.worker.submit(RED)

    assert not bench.worker.stop(finish_within=0.0)

    with pytest.raises(NotReady, match="shutting down"):
        list(waiting)


async def test_a_coroutine_follows_a_ticket(bench: Bench) -> None:
    worker = bench.start()
    ticket = worker.submit(RED)
    bench.pipeline.allow(2)

    events = [event async for event in ticket.stream()]

    assert isinstance(events[-1], Done)
    assert events == list(ticket)


async def test_a_coroutine_that_waits_long_is_told_so(bench: Bench) -> None:
    worker = bench.start()
    stream = worker.submit(RED).stream(beat=0.01)
    async for event in stream:
        if event is None:
            break
    bench.pipeline.allow(2)

    assert isinstance([event async for event in stream][-1], Done)


async def test_two_coroutines_follow_the_same_ticket(bench: Bench) -> None:
    worker = bench.start()
    ticket = worker.submit(RED)
    bench.pipeline.allow(2)

    async def follow() -> list[GenerationEvent | None]:
        return [event async for event in ticket.stream()]

    one, other = await asyncio.gather(follow(), follow())

    assert one == other
