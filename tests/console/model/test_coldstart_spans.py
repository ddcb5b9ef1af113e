from __future__ import annotations

from dataclasses import replace

from console_scenes import TIMELINE

from console.model.coldstart import Span, StartClock, spans, spans_so_far
from engine.schema import Phase, StartupEvent


def test_importing_goes_on_while_files_are_read() -> None:
    shown = {span.name: (span.start, span.end) for span in spans(TIMELINE)}
    assert shown["import"] == (0.31, 1.62)
    assert shown["z-image-q8_0.gguf"] == (1.43 - 0.23, 1.43)
    assert shown["to device"] == (1.71, 1.92)


def test_what_is_converted_between_reads_stands_behind_them() -> None:
    converted = [
        replace(event, seconds=0.25) if event.phase is Phase.ON_DEVICE else event
        for event in TIMELINE
    ]
    shown = {span.name: (span.start, span.end) for span in spans(converted)}
    assert shown["to device"] == (1.92 - 0.25, 1.92)


def test_what_goes_on_begins_where_the_last_moment_ended() -> None:
    assert spans_so_far(TIMELINE[:2], "importing", 1.0) == (
        Span("open port", 0.0, 0.31),
        Span("importing", 0.31, None),
    )


def test_the_clock_believes_the_report_that_puts_the_beginning_furthest_back() -> None:
    clock = StartClock()
    port = StartupEvent(Phase.PORT_OPEN, 0.5)
    assert clock.elapsed(7, (), now=100.0) == 0.0
    assert clock.elapsed(7, (port,), now=100.2) == 0.5
    assert clock.elapsed(7, (port,), now=101.2) == 1.5


def test_another_process_begins_anew_and_none_has_no_time() -> None:
    clock = StartClock()
    assert clock.elapsed(7, (), now=100.0) == 0.0
    assert clock.elapsed(8, (), now=105.0) == 0.0
    assert clock.elapsed(None, (), now=106.0) is None


def test_waiting_for_the_first_request_is_not_part_of_a_start() -> None:
    hours_later = StartupEvent(Phase.FIRST_IMAGE, 7200.0, seconds=0.5)
    assert spans((*TIMELINE, hours_later))[-1] == Span("first image", 2.21, 2.71)
    assert spans((*TIMELINE, StartupEvent(Phase.FIRST_IMAGE, 7200.0))) == spans(TIMELINE)
