"""Whatever lines are missing, late, doubled, mixed up or by another clock."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from start_lines import (
    AUTOSCALING,
    ENDED,
    EXITED,
    GAVE_UP,
    KILLED,
    MINIMUM,
    NOT_RUN,
    OVER_MEMORY,
    PASSED,
    PATIENTLY,
    READYZ,
    ROLLOUT,
    TIMELINE,
    at,
    book,
    cold_start,
    line,
    received,
    request,
    spoken,
    told_by,
)

from console.model.log.lines import LogRecord, Origin
from console.model.starts.diagnosis import diagnose, headline
from console.model.starts.snapshot import Setting
from console.model.starts.spans import doing, phase_spans
from console.model.starts.start import ColdStart, DoubtKind, Moment
from console.model.starts.statistics import Usual, timing

WORDS = (
    AUTOSCALING,
    ROLLOUT,
    MINIMUM,
    PASSED,
    READYZ,
    GAVE_UP,
    EXITED,
    ENDED,
    KILLED,
    OVER_MEMORY,
    NOT_RUN,
    "Ready condition status changed to True for Service z-image.",
)
seconds = st.integers(-50, 400).map(lambda n: n / 2)
instances = st.sampled_from(["a", "b", ""])
platform_lines = st.builds(line, seconds, st.sampled_from(WORDS), instance=instances)
requests = st.builds(
    request,
    seconds,
    st.one_of(st.none(), st.integers(0, 240).map(lambda n: n / 2)),
    st.sampled_from([200, 429, 500, 503]),
    instance=instances,
    trace=st.sampled_from(["", "t1", "t2"]),
)
events = st.builds(
    lambda when, age, event, late, **more: received(
        line(when, "said", Origin.APPLICATION, event=event, at=age, **more), when + late
    ),
    seconds,
    st.integers(0, 200).map(lambda n: n / 4),
    st.sampled_from([*(each for each, _, _ in TIMELINE), "first_image", "failed", "step"]),
    st.integers(-30, 30),
    instance=instances,
    trace=st.sampled_from(["", "t1"]),
)
anything = st.lists(st.one_of(platform_lines, requests, events), max_size=25)

ALL = [
    *cold_start(),
    *cold_start(born=9.0, instance="b", revision="z-image-00002"),
    line(20, AUTOSCALING, instance="c"),
    line(25, EXITED, instance="c"),
    request(19.9, 6.0, 503, instance=""),
    line(900, ENDED),
]


def mixed_up(records: list[LogRecord]) -> st.SearchStrategy[list[LogRecord]]:
    doubled = st.lists(st.sampled_from(records), max_size=8)
    return doubled.flatmap(lambda more: st.permutations([*records, *more]))


@PATIENTLY
@given(mixed_up(ALL))
def test_late_doubled_and_mixed_up_lines_tell_the_same(records: list[LogRecord]) -> None:
    assert book(*records).starts == book(*ALL).starts


@PATIENTLY
@given(anything.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_any_lines_at_all_tell_the_same_in_any_order(
    both: tuple[list[LogRecord], list[LogRecord]],
) -> None:
    ordered, shuffled = both
    assert book(*shuffled).starts == book(*ordered, *ordered).starts


@PATIENTLY
@given(anything)
def test_the_spans_of_any_start_fill_it_without_gap_or_overlap(records: list[LogRecord]) -> None:
    for start in book(*records).starts:
        check_partition(start)


@PATIENTLY
@given(st.lists(st.sampled_from(ALL), unique_by=id))
def test_whatever_lines_are_missing_the_rest_fills_the_start(records: list[LogRecord]) -> None:
    for start in book(*records).starts:
        check_partition(start)


@PATIENTLY
@given(anything)
def test_every_start_has_a_diagnosis_that_begins_with_a_headline(
    records: list[LogRecord],
) -> None:
    for start in book(*records).starts:
        findings = diagnose(start, Usual(), Setting())
        assert findings
        assert headline(findings)
        assert all(each.says and "\n" not in each.says for each in findings)
        assert timing(start).failed is (start.failure is not None)
        assert start.ended is not None or doing(start)


@PATIENTLY
@given(st.integers(-300, 300), st.floats(3.0, 20.0), st.booleans())
def test_a_clock_that_differs_changes_no_duration(
    tenths: int, born: float, with_receipt: bool
) -> None:
    clock = tenths / 10
    lines = cold_start(born=born, clock=clock)
    if with_receipt:
        ahead = timedelta(seconds=clock)
        lines = [
            received(each, (each.time - ahead - at(0)).total_seconds() + 0.01)
            if each.event
            else each
            for each in lines
        ]
    start, right = told_by(*lines), told_by(*cold_start(born=born))

    assert start.total == right.total
    assert [each.seconds for each in start.files] == [each.seconds for each in right.files]
    up, ready = start.moments[Moment.CONTAINER_UP], start.moments[Moment.READY]
    assert ready - up == right.moments[Moment.READY] - right.moments[Moment.CONTAINER_UP]
    # Nothing comes before its cause any more.
    assert up >= start.moments[Moment.ASKED_FOR]
    assert start.moments[Moment.PORT_OPEN] <= start.moments[Moment.PROBED]
    assert ready <= start.moments[Moment.ANSWERED]
    assert DoubtKind.ANSWERED_BEFORE_READY not in {each.kind for each in start.doubts}


@PATIENTLY
@given(st.floats(0.2, 30.0))
def test_a_probe_that_is_too_early_is_doubted_by_as_much(after: float) -> None:
    start = told_by(line(0, AUTOSCALING), *spoken(1.0), line(1.4 + after, PASSED))

    (doubt,) = start.doubts
    assert doubt.kind is DoubtKind.PROBED_BEFORE_READY
    assert abs(doubt.seconds - (33.6 - after)) < 1e-4


@PATIENTLY
@given(mixed_up([*cold_start(), *cold_start(born=3.7, instance="b")]))
def test_two_instances_at_once_are_never_mixed_up(records: list[LogRecord]) -> None:
    one, other = book(*records).starts

    assert (one.instance, other.instance) == ("a", "b")
    assert one == told_by(*cold_start())
    assert other == told_by(*cold_start(born=3.7, instance="b"))


@PATIENTLY
@given(anything)
def test_a_line_that_changes_a_start_says_so(records: list[LogRecord]) -> None:
    told = book()
    for each in records:
        before = told.starts
        if not told.note(each) and each.provenance.instance:
            assert told.starts == before


def check_partition(start: ColdStart) -> None:
    spans = phase_spans(start)
    if not spans:
        assert start.total in (None, 0.0)
        return
    assert spans[0].start == start.began
    for one, following in pairwise(spans):
        assert one.end == following.start
    assert all(each.end >= each.start for each in spans)
    if start.ended is not None:
        assert spans[-1].end == start.ended
        whole = sum((each.end - each.start for each in spans), timedelta())
        assert whole == start.ended - start.began
    phases = [phase for each in spans for phase in each.phases]
    assert len(set(phases)) == len(phases)
