"""The stopwatch of a start, with a clock that the test turns."""

from __future__ import annotations

import subprocess
import sys

from engine.schema import Phase, StartupEvent
from engine.timeline import Timeline, process_age


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_moments_are_kept_in_order_with_their_times() -> None:
    clock = Clock()
    timeline = Timeline(clock)
    clock.now = 0.2
    timeline.reached(Phase.PORT_OPEN, port=7860)
    clock.now = 3.0
    timeline.file_read("ae.safetensors", 1_000, 0.5)

    assert timeline.events() == (
        StartupEvent(Phase.PROCESS_START, 0.0),
        StartupEvent(Phase.PORT_OPEN, 0.2, port=7860),
        StartupEvent(Phase.WEIGHTS_READ, 3.0, "ae.safetensors", 1_000, 0.5),
    )


def test_a_phase_is_reached_once() -> None:
    clock = Clock()
    timeline = Timeline(clock)
    timeline.reached(Phase.FIRST_IMAGE)
    clock.now = 9.0
    timeline.reached(Phase.FIRST_IMAGE)

    assert [event.at for event in timeline.events()] == [0.0, 0.0]


def test_the_first_picture_tells_its_own_seconds_through_json() -> None:
    timeline = Timeline(Clock())
    timeline.reached(Phase.FIRST_IMAGE, seconds=0.25)
    event = timeline.events()[-1]

    assert event.seconds == 0.25
    assert StartupEvent.from_json(event.to_json()) == event


def test_a_listener_hears_every_moment() -> None:
    heard: list[StartupEvent] = []
    timeline = Timeline(Clock(), heard.append)
    timeline.reached(Phase.READY)

    assert tuple(heard) == timeline.events()


def test_the_percentage_follows_the_bytes_and_never_falls() -> None:
    timeline = Timeline(Clock())
    percents = [timeline.readiness().percent]

    def note() -> None:
        percents.append(timeline.readiness().percent)

    timeline.reached(Phase.PORT_OPEN)
    note()
    timeline.reached(Phase.IMPORTS_DONE)
    note()
    for read in (0, 30, 60, 90, 100):
        timeline.progress(read, 100)
        note()
    timeline.file_read("all", 100, 1.0)
    note()
    for phase in (Phase.ON_DEVICE, Phase.WARM, Phase.READY):
        timeline.reached(phase)
        note()

    assert percents == sorted(percents)
    assert len(set(percents)) > 8
    assert percents[-1] == 100


def test_it_is_ready_when_the_model_is_and_stays_so_after_the_first_picture() -> None:
    timeline = Timeline(Clock())
    assert not timeline.readiness().ready

    timeline.reached(Phase.READY)
    assert timeline.readiness().ready

    timeline.reached(Phase.FIRST_IMAGE)
    assert timeline.readiness().ready


def test_a_failed_start_says_why() -> None:
    timeline = Timeline(Clock())
    timeline.reached(Phase.IMPORTS_DONE)
    timeline.failed("z.gguf is truncated; download it again")

    readiness = timeline.readiness()

    assert (readiness.ready, readiness.phase) == (False, Phase.FAILED)
    assert readiness.message == "z.gguf is truncated; download it again"


def test_time_counts_from_the_birth_of_the_process_not_from_the_import() -> None:
    code = (
        "import sys; sys.stdin.readline()\n"
        "import time; before = time.monotonic()\n"
        "from engine.timeline import process_age\n"
        "print(process_age(), time.monotonic() - before)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    out, _ = child.communicate("\n")
    age, since_import = map(float, out.split())

    assert age > since_import


def test_the_age_of_this_process_grows() -> None:
    first = process_age()

    assert 0 < first <= process_age()
