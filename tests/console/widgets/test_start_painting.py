from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from start_scenes import NOW, ORDER, cold_start, going_on

from console.model.starts.spans import phase_spans
from console.model.starts.start import (
    ColdStart,
    Doubt,
    DoubtKind,
    Failure,
    FailureKind,
    FileRead,
    Moment,
    PhaseSpan,
    Reason,
    StartPhase,
)
from console.model.starts.words import (
    difference_text,
    instance_text,
    seconds_text,
    time_text,
)
from console.model.text import SafeText
from console.terminal.sanitise import sanitise
from console.widgets.starts.phase_look import LETTERS, StartStyles, phase_strip
from console.widgets.starts.start_bars import Drawn
from console.widgets.starts.start_row import Columns, Mark, header, start_row
from console.widgets.starts.start_waterfall import start_waterfall
from console.widgets.starts.time_axis import time_axis

PLAIN = StartStyles()
THEN = NOW - timedelta(minutes=3)
SLOW = {Moment.WEIGHTS_READ: 29.8}
UNTOLD = (Moment.IMPORTS_DONE, Moment.WEIGHTS_READ, Moment.ON_DEVICE)
NASTY = sanitise("\x1b]52;c;aGk=\x07[/bad][@click=app.quit]\u202egpj 猫" * 3)


def drawn(start: ColdStart, **more: object) -> Drawn:
    usual = {StartPhase.WEIGHTS: 12.6, StartPhase.CONTAINER: 4.0}
    return Drawn(start, phase_spans(start), usual, **more)  # type: ignore[arg-type]


def painted(what: Drawn, width: int = 66, height: int = 20) -> list[str]:
    return [strip.text.rstrip() for strip in start_waterfall(what, width, height, PLAIN)]


def test_every_phase_has_a_letter_of_its_own() -> None:
    assert set(LETTERS) == set(StartPhase)
    assert len(set(LETTERS.values())) == len(StartPhase)


def test_the_strip_shows_the_share_of_each_phase() -> None:
    strip = phase_strip(phase_spans(cold_start(THEN, took=SLOW)), 20, PLAIN)
    text = "".join(segment.text for segment in strip)
    assert text == "CCIWWWWWWWWWWWWWWDUA"
    assert text.count("W") == round(29.8 / 43.5 * 20)


@given(lengths=st.lists(st.floats(0, 1000, allow_nan=False), max_size=9), width=st.integers(0, 60))
def test_a_strip_is_as_wide_as_asked(lengths: list[float], width: int) -> None:
    spans, at = [], NOW
    for phase, seconds in zip(StartPhase, lengths, strict=False):
        spans.append(PhaseSpan((phase,), at, at + timedelta(seconds=seconds)))
        at += timedelta(seconds=seconds)
    assert sum(len(segment.text) for segment in phase_strip(spans, width, PLAIN)) == width


def test_a_row_names_the_longest_phase_and_who_waited() -> None:
    start = cold_start(THEN, took=SLOW)
    row = start_row(start, phase_spans(start), Mark.SLOW, NOW, Columns.within(116), PLAIN)
    assert row.text.split() == [
        "12:02:00", "b2c3d4", "zimage-00001-abc", "traffic", "43.5", "s", "▲",
        "CCCIIWWWWWWWWWWWWWWWWWWWWWDUAA", "weights", "29.8", "s", "1",
    ]  # fmt: skip


def test_a_start_that_failed_says_how_and_has_no_total() -> None:
    failure = Failure(FailureKind.OUT_OF_MEMORY, NOW, SafeText("Memory limit exceeded"))
    start = replace(cold_start(THEN), failure=failure)
    row = start_row(start, phase_spans(start), Mark.FAILED, NOW, Columns.within(76), PLAIN).text
    assert "– ✗" in row
    assert "out of memory" in row


def test_a_start_that_goes_on_is_as_long_as_it_has_gone_on() -> None:
    start = going_on(cold_start(THEN), Moment.PORT_OPEN)
    row = start_row(start, phase_spans(start), Mark.GOING_ON, NOW, Columns.within(76), PLAIN).text
    assert "180 s ◔" in row


def test_who_waits_is_not_known_while_a_start_goes_on() -> None:
    start = replace(going_on(cold_start(THEN), Moment.PORT_OPEN), requests=())
    columns = Columns.within(76)
    going = start_row(start, phase_spans(start), Mark.GOING_ON, NOW, columns, PLAIN).text
    over = start_row(start, phase_spans(start), Mark.NOTHING, NOW, columns, PLAIN).text
    assert (going.split()[-1], over.split()[-1]) == ("–", "no")


def test_an_engine_on_this_machine_is_named_by_its_process() -> None:
    here = replace(cold_start(THEN), instance=SafeText("local-525"), reason=Reason.LOCAL)
    assert instance_text(here) == "525"
    assert instance_text(replace(cold_start(THEN), instance=SafeText(""))) == "–"


@pytest.mark.parametrize("width", [56, 71, 72, 76, 99, 100, 116, 196])
def test_rows_and_header_fill_the_width(width: int) -> None:
    columns, start = (
        Columns.within(width),
        replace(cold_start(THEN), instance=NASTY, revision=NASTY),
    )
    row = start_row(start, phase_spans(start), Mark.DOUBTFUL, NOW, columns, PLAIN)
    assert header(columns, PLAIN).cell_length == row.cell_length == width


def test_a_waterfall_marks_what_is_usual_and_what_stands_out() -> None:
    rows = painted(drawn(cold_start(THEN, took=SLOW), notable=(StartPhase.WEIGHTS,)))
    weights = next(row for row in rows if row.startswith("W weights"))
    assert "│" in weights
    assert weights.endswith("29.8 s +17.2 s ▲")
    assert next(row for row in rows if row.startswith("I import")).endswith("2.80 s")


def test_the_mark_of_what_is_usual_lies_where_the_phase_would_have_ended() -> None:
    rows = painted(drawn(cold_start(THEN, took=SLOW)), 112)
    axis, weights = rows[0], next(row for row in rows if row.startswith("W weights"))
    usual_end = 0.02 + 4.2 + 0.4 + 2.8 + 12.6
    a_second = (axis.index("40 s") - axis.index("0 s")) / 40
    assert weights.index("│") - axis.index("0 s") == pytest.approx(usual_end * a_second, abs=1)


def test_files_follow_the_weights_with_size_and_rate() -> None:
    rows = painted(drawn(cold_start(THEN)))
    place = next(n for n, row in enumerate(rows) if row.startswith("W weights"))
    assert rows[place + 2].startswith("   z-image-q8_0.gguf")
    assert rows[place + 2].endswith("4.0 GB 571 MB/s")


def test_files_give_way_before_the_axis_and_the_axis_before_phases() -> None:
    start = cold_start(THEN)
    few = painted(drawn(start), height=11)
    assert "and 3 more files" in few[6]
    assert not few[5].startswith("I")
    assert [row[0] for row in painted(drawn(start), height=9)] == list("QCPIWDUHA")


def test_many_files_are_counted() -> None:
    start = cold_start(THEN)
    many = tuple(replace(start.files[0], name=SafeText(f"part-{n}")) for n in range(30))
    rows = painted(drawn(replace(start, files=many)), height=14)
    assert "    and 27 more files" in rows
    assert len(rows) == 14


def test_what_is_not_told_apart_is_drawn_in_another_pattern_and_said() -> None:
    start = cold_start(THEN, untold=UNTOLD)
    untold = next(row for row in painted(drawn(start)) if row.startswith("?"))
    assert untold.startswith("? import to warm-up")
    assert untold.endswith("untold")
    assert "░" in untold
    assert "█" not in untold
    assert "? I to U" in "\n".join(painted(drawn(start), 44))
    assert "not told apart" in "\n".join(painted(drawn(start), 90))


def test_contradictions_are_said_under_the_phases() -> None:
    doubt = Doubt(DoubtKind.PROBED_BEFORE_READY, 35.0)
    start = replace(cold_start(THEN), doubts=(doubt,), retries=2)
    rows = painted(drawn(start))
    assert rows[-2] == "! probe passed before the engine was ready, by 35.0 s"
    assert rows[-1] == "✗ 2 starts failed before this one"


def test_a_failure_is_said_in_the_words_of_whoever_told_it() -> None:
    says = SafeText("Memory limit of 16384 MiB exceeded with 16469 MiB used")
    failure = Failure(FailureKind.OUT_OF_MEMORY, THEN + timedelta(seconds=30), says)
    rows = painted(drawn(replace(cold_start(THEN), failure=failure)), 80)
    assert rows[-1].startswith("✗ out of memory: Memory limit of 16384 MiB")


def test_a_start_that_goes_on_reaches_to_now() -> None:
    start = going_on(cold_start(THEN), Moment.IMPORTS_DONE)
    rows = painted(drawn(start, now=THEN + timedelta(seconds=15)))
    assert next(row for row in rows if row.startswith("◔ weights")).endswith("█  7.6 s")


@given(
    width=st.integers(1, 160),
    height=st.integers(0, 30),
    seconds=st.floats(0, 1e6, allow_nan=False),
    untold=st.sets(st.sampled_from(ORDER[1:-1])),
    name=st.text("ab 猫\u0301", max_size=60),
    files=st.integers(0, 20),
)
def test_a_waterfall_always_fits(
    width: int, height: int, seconds: float, untold: set[Moment], name: str, files: int
) -> None:
    start = cold_start(THEN, took={Moment.WEIGHTS_READ: seconds}, untold=tuple(untold))
    read = FileRead(SafeText(name), 10**9, seconds, NOW)
    start = replace(start, files=(read,) * files, doubts=(Doubt(DoubtKind.CLOCKS_DIFFER, 3.0),))
    strips = start_waterfall(drawn(start), width, height, PLAIN)
    assert len(strips) <= height
    assert {strip.cell_length for strip in strips} <= {width}


def test_markup_in_a_name_stays_text() -> None:
    start = replace(cold_start(THEN), files=(FileRead(NASTY, 1, 1.0, NOW),))
    assert "[/bad]" in "\n".join(painted(drawn(start), 120))


def test_phases_have_colours_of_their_own() -> None:
    red = Style.parse("red")
    strip = phase_strip(phase_spans(cold_start(THEN)), 20, StartStyles(phases={"W": red}))
    weights = next(segment for segment in strip if segment.text.startswith("W"))
    assert weights.style == red + Style(reverse=True)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.0, "0.0 s"),
        (9.96, "10.0 s"),
        (99.94, "99.9 s"),
        (99.96, "100 s"),
        (1e4, "10,000 s"),
    ],
)
def test_durations_in_words(seconds: float | None, text: str) -> None:
    assert seconds_text(seconds) == text


def test_short_durations_exactly_and_differences_with_a_sign() -> None:
    assert seconds_text(0.024, exact=True) == "0.02 s"
    assert difference_text(5.1) == "+5.1 s"
    assert difference_text(-0.5) == "-0.5 s"


def test_times_of_today_have_seconds_and_those_of_other_days_a_date() -> None:
    assert time_text(THEN, NOW) == "12:02:00"
    assert time_text(THEN - timedelta(days=1), NOW) == "11-22 12:02"
    assert time_text(THEN - timedelta(days=400), NOW) == "2025-10-19"


@given(seconds=st.floats(-1, 1e7, allow_nan=False), width=st.integers(0, 200))
def test_an_axis_is_as_wide_as_asked(seconds: float, width: int) -> None:
    assert len(time_axis(seconds, width)) == width
