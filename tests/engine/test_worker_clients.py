"""The worker among clients: fair order, deadlines, interruption, and memory that runs out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from scripted_pipeline import PATIENCE
from worker_bench import RED, Bench, names, refused, wait_for_step, wait_until_served

from engine.errors import Cancelled, DeadlineExceeded, GenerationFailed, OutOfMemory, QueueFull
from engine.schema import Done, GenerationRequest, Queued

OUT_OF_MEMORY = [
    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 22.03 GiB",
    "[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory: you tried "
    "to allocate 1099511627776 bytes. Error code 12 (Cannot allocate memory)",
    "std::bad_alloc",
    "could not create a primitive",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
]


def wish(prompt: str) -> GenerationRequest:
    return GenerationRequest(prompt, steps=1)


@pytest.fixture
def patient() -> Iterator[Bench]:
    """A bench whose worker gives each ticket a minute."""
    bench = Bench(deadline=60.0)
    yield bench
    bench.end()


def test_a_second_client_is_served_between_the_requests_of_the_first(bench: Bench) -> None:
    worker = bench.start()
    served = worker.submit(wish("a1"), client="a")
    wait_until_served(served)
    second = worker.submit(wish("a2"), client="a")
    other = worker.submit(wish("b1"), client="b")

    bench.pipeline.free()
    places = [event.position for event in second if isinstance(event, Queued)]

    assert places == [1, 2, 1]
    assert names(list(other)).count("queued") == 1
    assert bench.pipeline.served == ["a1", "b1", "a2"]


def test_who_holds_the_whole_queue_gives_a_place_to_a_newcomer(bench: Bench) -> None:
    worker = bench.start()
    wait_until_served(worker.submit(RED, client="greedy"))
    worker.submit(RED, client="greedy")
    last = worker.submit(RED, client="greedy")

    newcomer = worker.submit(wish("newcomer"), client="modest")

    with pytest.raises(QueueFull) as refusal:
        list(last)
    assert refusal.value.retry_after > 0
    assert refused(worker, client="modest") > 0
    bench.pipeline.free()
    assert names(list(newcomer))[-1] == "done"


def test_interrupting_ends_what_is_being_made_and_nothing_else(bench: Bench) -> None:
    worker = bench.start()
    first = worker.submit(GenerationRequest("long", steps=50))
    bench.pipeline.allow(3)
    wait_for_step(first, 3)
    second = worker.submit(RED)

    assert worker.interrupt()

    bench.pipeline.free()
    with pytest.raises(Cancelled, match="interrupted"):
        list(first)
    assert names(list(second))[-1] == "done"
    assert bench.pipeline.steps_done == 3 + RED.steps


def test_there_is_nothing_to_interrupt_when_nothing_is_made(bench: Bench) -> None:
    assert not bench.start().interrupt()


def test_a_request_that_takes_too_long_ends_before_its_next_step(patient: Bench) -> None:
    worker = patient.start()
    ticket = worker.submit(GenerationRequest("long", steps=50))
    patient.pipeline.allow(3)
    wait_for_step(ticket, 3)

    patient.clock.seconds += 61.0
    patient.pipeline.free()

    with pytest.raises(DeadlineExceeded, match="not finished within 60 seconds"):
        list(ticket)
    assert patient.pipeline.steps_done == 3


async def test_a_request_that_waits_too_long_ends_while_another_is_being_made() -> None:
    hasty = Bench(deadline=0.001)
    worker = hasty.start()
    wait_until_served(worker.submit(RED))

    waiting = worker.submit(RED).stream(beat=PATIENCE)
    assert isinstance(await anext(waiting), Queued)
    hasty.clock.seconds += 1.0
    with pytest.raises(DeadlineExceeded):
        await anext(waiting)

    assert worker.waiting() == 0
    hasty.end()


@pytest.mark.parametrize("words", OUT_OF_MEMORY, ids=lambda words: words[:12])
def test_the_worker_goes_on_when_memory_ran_out(bench: Bench, words: str) -> None:
    worker = bench.start()
    bench.pipeline.free()

    with pytest.raises(OutOfMemory, match="not enough memory for 64x64; ask for a smaller"):
        list(worker.submit(GenerationRequest(f"MEMORY: {words}")))

    assert bench.pipeline.times_freed == 1
    assert names(list(worker.submit(RED)))[-1] == "done"


def test_an_observer_hears_of_waits_events_and_ends(bench: Bench) -> None:
    worker = bench.start()
    first = worker.submit(RED)
    wait_until_served(first)
    second = worker.submit(GenerationRequest("fail"))
    bench.clock.seconds += 7.0
    bench.pipeline.free()
    list(first)
    with pytest.raises(GenerationFailed):
        list(second)
    worker.stop()

    assert bench.heard.waits == [0.0, 7.0]
    assert names(bench.heard.events)[:5] == ["encoded", "step", "step", "decoded", "done"]
    assert isinstance(bench.heard.events[4], Done)
    assert [type(end).__name__ for end in bench.heard.ends] == ["NoneType", "GenerationFailed"]
