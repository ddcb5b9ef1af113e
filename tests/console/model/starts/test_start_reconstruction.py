from __future__ import annotations

import pytest
from start_lines import (
    AUTOSCALING,
    ENDED,
    EXITED,
    GAVE_UP,
    KILLED,
    MINIMUM,
    NOON,
    NOT_RUN,
    OVER_MEMORY,
    PASSED,
    READYZ,
    ROLLOUT,
    TIMELINE,
    at,
    book,
    cold_start,
    line,
    moments,
    received,
    request,
    since_noon,
    spans,
    spoken,
    told_by,
)

from console.model.log.lines import LogRecord, Origin
from console.model.starts import reconstruction
from console.model.starts.reconstruction import StartBook, local_start
from console.model.starts.start import (
    Doubt,
    DoubtKind,
    FailureKind,
    Moment,
    Probe,
    ProbeKind,
    Reason,
    WaitingRequest,
)
from console.model.text import SafeText
from engine.schema import Phase, StartupEvent


def doubts(start: object) -> dict[DoubtKind, float]:
    found: tuple[Doubt, ...] = start.doubts  # type: ignore[attr-defined]
    return {each.kind: round(each.seconds, 3) for each in found}


# -- whole starts ------------------------------------------------------------------------------


def test_a_cold_start_of_which_all_three_sources_tell() -> None:
    start = told_by(*cold_start())

    assert (start.instance, start.revision) == ("a", "z-image-00001")
    assert start.reason is Reason.AUTOSCALING
    assert moments(start) == {
        Moment.ARRIVED: 0.0,
        Moment.ASKED_FOR: 0.02,
        Moment.CONTAINER_UP: 3.0,
        Moment.PORT_OPEN: 3.4,
        Moment.IMPORTS_DONE: 5.4,
        Moment.WEIGHTS_READ: 35.4,
        Moment.ON_DEVICE: 36.4,
        Moment.READY: 37.0,
        Moment.PROBED: 3.6,
        Moment.ANSWERED: 45.0,
    }
    assert (start.process, start.began, start.ended) == (at(0.02), NOON, at(45))
    assert start.total == 45.0
    assert [(each.name, each.rate) for each in start.files] == [
        ("qwen3.gguf", 2e9 / 17),
        ("z-image.gguf", 4e9 / 30),
    ]
    assert doubts(start) == {DoubtKind.PROBED_BEFORE_READY: 33.4}
    assert start.probe == Probe(ProbeKind.TCP, default=True, attempts=1)


def test_a_real_start_whose_probe_passed_29_seconds_after_it_was_asked_for() -> None:
    # 22:08:40.718 arrival, 22:08:40.739 start, 22:09:10.029 probe, 200 with latency 28.12 s: the
    # answer left a moment before the probe's line was written.
    start = told_by(line(40.739, AUTOSCALING), line(70.029, PASSED), request(40.718, 28.12))

    assert moments(start) == {
        Moment.ARRIVED: 40.718,
        Moment.ASKED_FOR: 40.739,
        Moment.PROBED: 70.029,
        Moment.ANSWERED: 68.838,
    }
    assert start.total == pytest.approx(28.12)
    assert spans(start) == {"waiting": 0.021, "container to probe": 28.099, "first answer": 0.0}


def test_a_real_start_whose_probe_passed_one_second_after_it_and_the_engine_35_later() -> None:
    timeline = (("process_start", 0.0, {}), ("port_open", 0.5, {}), ("ready", 35.5, {}))
    start = told_by(line(0, AUTOSCALING), line(1.0, PASSED), *spoken(0.4, timeline))

    assert doubts(start) == {DoubtKind.PROBED_BEFORE_READY: 34.9}
    assert start.total == pytest.approx(35.9)


def test_a_foreign_image_tells_nothing_of_itself() -> None:
    words = [line(n, "INFO: loading", Origin.APPLICATION) for n in (4.0, 9.0)]
    start = told_by(line(0, AUTOSCALING), *words, line(20, PASSED), request(-0.02, 31.0))

    assert spans(start) == {"waiting": 0.02, "container to probe": 20.0, "first answer": 10.98}


def test_the_engine_alone_tells_of_a_start() -> None:
    start = told_by(*spoken(0.0))

    assert start.process == NOON
    assert start.reason is Reason.UNKNOWN
    assert not start.waited
    assert start.total == 34.0


def test_a_start_for_a_roll_out_is_over_when_the_platform_knows_that_it_is_ready() -> None:
    start = told_by(line(0, ROLLOUT), *spoken(1.0), line(36.0, READYZ))

    assert start.reason is Reason.DEPLOYMENT_ROLLOUT
    assert start.probe == Probe(ProbeKind.HTTP, default=False, attempts=4, path=SafeText("/readyz"))
    assert (start.total, doubts(start)) == (36.0, {})


def test_requests_alone_tell_of_no_start() -> None:
    assert book(request(0, 28.0), request(30, 2.0)).starts == ()


@pytest.mark.parametrize("end", [ENDED, KILLED, OVER_MEMORY])
def test_an_end_alone_tells_of_no_start(end: str) -> None:
    assert book(line(0, end)).starts == ()


def test_a_picture_that_was_made_hours_later_alone_tells_of_no_start() -> None:
    assert book(*spoken(0, (("first_image", 7_200.0, {"seconds": 4.0}),))).starts == ()


def test_how_weights_are_kept_is_told_by_the_line_that_they_are_on_the_device() -> None:
    said = line(
        36, "on device after 35.00 s: transformer int8", Origin.APPLICATION, event="on_device",
        at=35.0,
    )  # fmt: skip

    assert told_by(said).kept_as == "transformer int8"


def test_the_first_picture_says_how_long_it_took() -> None:
    first = spoken(3.0, (("first_image", 41.0, {"seconds": 6.5}),))

    assert told_by(*cold_start(), *first).first_image == 6.5


def test_that_it_is_warm_stands_in_for_a_line_about_being_ready_that_is_missing() -> None:
    start = told_by(*spoken(0.0, TIMELINE[:-1]))

    assert moments(start)[Moment.READY] == 33.99


def test_weights_are_read_once_something_follows_for_there_may_be_another_file() -> None:
    start = told_by(*spoken(0.0, TIMELINE[:5]))

    assert Moment.WEIGHTS_READ not in start.moments
    assert len(start.files) == 2


# -- requests ----------------------------------------------------------------------------------


def test_all_who_arrived_before_it_was_usable_waited() -> None:
    start = told_by(*cold_start(), request(20.0, 30.0), request(36.9, 20.0), request(37.1, 9.0))

    assert [since_noon(each.arrived) for each in start.requests] == [0.0, 20.0, 36.9]
    assert start.ended == at(45)


def test_nobody_waited_for_a_start_long_before_the_first_request() -> None:
    start = told_by(line(0, MINIMUM), *spoken(1.0), line(2, PASSED), request(600, 8.0))

    assert not start.waited
    assert start.ended == at(35)


def test_without_a_word_about_its_end_only_who_it_was_asked_for_is_known_to_have_waited() -> None:
    lines = [line(0, AUTOSCALING), request(-0.02, 20.0), request(5.0, 16.0), request(21.0, 2.0)]

    assert [since_noon(each.arrived) for each in told_by(*lines).requests] == [-0.02, 5.0]
    assert not told_by(line(0, MINIMUM), request(3_600.0, 2.0)).waited


def test_a_page_that_was_answered_at_once_does_not_end_the_start_that_a_picture_waits_for() -> None:
    lines = cold_start()[:-1]
    page, picture = request(0.0, 3.8), request(6.0, 36.0)

    start = told_by(*lines, page, picture)
    assert (start.ended, DoubtKind.ANSWERED_BEFORE_READY in doubts(start)) == (at(42), False)

    alone = told_by(*lines, page)
    assert alone.ended == at(37)
    assert doubts(alone)[DoubtKind.ANSWERED_BEFORE_READY] == pytest.approx(33.2)


def test_a_refusal_before_ready_is_no_answer_while_there_is_a_real_one() -> None:
    start = told_by(*cold_start()[:-1], request(0.0, 4.0, 503), request(0.5, 43.0))

    assert start.ended == at(43.5)


def test_a_request_without_instance_is_known_by_its_trace() -> None:
    lines = cold_start()[:-1]
    own_word = line(44, "a picture", Origin.APPLICATION, trace="t1")
    lost = request(0.0, 45.0, instance="", trace="t1")

    for order in ([*lines, own_word, lost], [lost, own_word, *lines]):
        assert told_by(*order).ended == at(45)


@pytest.mark.parametrize("latency", [None, "3s", True, -1, float("nan"), 10**9])
def test_an_answer_of_impossible_length_leaves_the_end_open(latency: object) -> None:
    start = told_by(*cold_start()[:-1], request(0.0, latency))

    assert start.waited
    assert (start.ended, start.total) == (None, None)


# -- clocks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", [-30.0, 30.0])
def test_an_engine_with_another_clock_is_put_where_nothing_comes_before_its_cause(
    clock: float,
) -> None:
    start, right = told_by(*cold_start(clock=clock)), told_by(*cold_start())

    # Behind, it is moved until it runs once it was asked for; ahead, until its port is open when
    # the probe passed.
    apart = 27.02 if clock < 0 else 29.8
    assert doubts(start)[DoubtKind.CLOCKS_DIFFER] == pytest.approx(apart)
    assert start.total == right.total
    for span in ("open port", "import", "weights", "to device", "warm-up"):
        assert spans(start)[span] == spans(right)[span]


def test_when_lines_were_received_says_how_far_a_clock_is_ahead() -> None:
    lines = [line(0, MINIMUM), *(received(each, 3) for each in spoken(0.5, TIMELINE[:1], clock=30))]

    start = told_by(*lines)
    assert moments(start)[Moment.CONTAINER_UP] == 3.0
    assert doubts(start) == {DoubtKind.CLOCKS_DIFFER: 27.5}


def test_an_answer_from_an_engine_that_was_not_ready_by_its_clock_moves_its_clock() -> None:
    lines = [request(0.0, 12.0), *spoken(0.5, TIMELINE[:2], clock=30)]
    ready = spoken(0.5, (("ready", 10.0, {}),), clock=30)

    start = told_by(*lines, *ready)
    assert doubts(start) == {DoubtKind.CLOCKS_DIFFER: 28.5}
    assert moments(start)[Moment.READY] == 12.0


def test_milliseconds_between_clocks_are_no_contradiction() -> None:
    start = told_by(line(0.005, AUTOSCALING), *spoken(0.0), line(34.1, READYZ))

    assert start.doubts == ()
    assert moments(start)[Moment.CONTAINER_UP] == 0.005


# -- several starts ----------------------------------------------------------------------------


def test_two_instances_at_once_are_two_starts() -> None:
    one, other = cold_start(), cold_start(born=4.0, instance="b")
    mixed = [each for pair in zip(one, other, strict=True) for each in pair]

    starts = book(*mixed).starts
    assert [(each.instance, each.total) for each in starts] == [("a", 45.0), ("b", 45.0)]


def test_a_container_that_is_started_again_in_its_instance_is_another_start() -> None:
    again = [*spoken(103.0), line(103.5, PASSED), request(99.0, 43.0)]
    told = book(*cold_start(), line(100, EXITED), *again)

    first, second = told.starts
    assert (first.total, first.failure) == (45.0, None)
    assert since_noon(second.process) == 103.0
    assert (second.began, second.ended) == (at(99), at(142))
    assert told.of(SafeText("a")) == (first, second)


def test_an_engine_that_is_started_again_without_a_word_of_the_platform_is_told_apart() -> None:
    first, second = book(*cold_start(), *spoken(200.0)).starts

    assert moments(first)[Moment.READY] == 37.0
    assert moments(second)[Moment.CONTAINER_UP] == 200.0


def test_of_two_containers_in_one_instance_the_last_probe_counts() -> None:
    side = PASSED.replace("worker", "sidecar")

    start = told_by(line(0, MINIMUM), line(2, side), line(9, PASSED))
    assert start.usable == at(9)


# -- failures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (OVER_MEMORY, FailureKind.OUT_OF_MEMORY),
        (NOT_RUN, FailureKind.NOT_RUN),
        (GAVE_UP, FailureKind.PROBE),
        (EXITED, FailureKind.EXITED),
        (KILLED, FailureKind.EXITED),
    ],
)
def test_a_start_fails_in_the_platforms_words(said: str, kind: FailureKind) -> None:
    start = told_by(line(0, AUTOSCALING), line(30, said), line(35, KILLED))

    assert start.failure is not None
    assert (start.failure.kind, start.failure.at, start.failure.says) == (kind, at(30), said)
    assert (start.ended, start.total) == (None, None)


def test_a_start_fails_in_the_engines_words() -> None:
    said = line(8.0, "z-image.gguf is truncated", Origin.APPLICATION, event="failed", at=5.0)
    start = told_by(line(0, AUTOSCALING), *spoken(3.0, TIMELINE[:2]), said, line(3.5, PASSED))

    assert start.failure is not None
    assert start.failure.kind is FailureKind.ENGINE
    assert (start.failure.at, start.failure.says) == (at(8), "z-image.gguf is truncated")


def test_memory_that_ran_out_while_weights_were_read_is_why_it_failed() -> None:
    lines = [line(0, AUTOSCALING), line(3.6, PASSED), *spoken(3.0, TIMELINE[:4])]
    start = told_by(*lines, line(28, OVER_MEMORY), line(33, KILLED), request(-0.02, 33.1, 500))

    assert start.failure is not None
    assert start.failure.kind is FailureKind.OUT_OF_MEMORY
    assert start.waited
    assert Moment.ANSWERED not in start.moments


def test_an_end_after_it_served_is_no_failure_of_its_start() -> None:
    for end in (ENDED, KILLED, OVER_MEMORY):
        assert told_by(*cold_start(), line(900, end)).failure is None
        assert told_by(line(0, MINIMUM), line(9, PASSED), line(900, end)).failure is None


def test_one_who_waited_through_failures_is_told_of_all_of_them() -> None:
    tries = [line(n * 10 + 0.02, AUTOSCALING, instance=f"f{n}") for n in range(2)] + [
        line(n * 10 + 8.0, EXITED, instance=f"f{n}") for n in range(2)
    ]
    final = cold_start(born=23.0)[:-1]

    first, second, third = book(*tries, *final, request(0.0, 65.0)).starts
    assert [each.failure is not None for each in (first, second, third)] == [True, True, False]
    assert [each.waited for each in (first, second, third)] == [True, True, True]
    assert [each.retries for each in (first, second, third)] == [0, 1, 2]
    assert third.total == 65.0


def test_whoever_had_no_answer_waited_for_the_start_that_failed() -> None:
    start = told_by(line(0, AUTOSCALING), line(5, EXITED), request(-0.02, 6.0, 503, instance=""))

    assert start.waited
    assert start.began == at(-0.02)


def test_a_failed_start_of_another_revision_made_nobody_of_this_one_wait() -> None:
    failed = [line(0, ROLLOUT, revision="z-image-00002", instance="x")]
    failed.append(line(1, EXITED, revision="z-image-00002", instance="x"))

    assert [each.retries for each in book(*cold_start(), *failed).starts] == [0, 0]


# -- as it goes on -----------------------------------------------------------------------------


def test_a_start_goes_on_until_it_is_over() -> None:
    told = StartBook()
    for each in cold_start()[:-2]:
        assert told.note(each)
        if each.event not in ("warm", "ready"):
            assert told.going_on is not None
    assert told.going_on is None


def test_an_early_probe_does_not_end_a_start_of_which_the_engine_speaks() -> None:
    told = book(line(0, MINIMUM), *spoken(1.0, TIMELINE[:3]), line(1.5, PASSED))

    assert told.going_on is not None


def test_a_start_of_which_nothing_is_heard_any_more_does_not_go_on_for_ever() -> None:
    told = book(line(0, MINIMUM))
    assert told.going_on is not None
    told.note(line(4_000, MINIMUM, instance="b"))
    told.note(line(4_001, PASSED, instance="b"))

    assert told.going_on is None


def test_what_is_said_again_or_of_something_else_tells_nothing_new() -> None:
    told = StartBook()
    for each in cold_start():
        told.note(each)
    steps = line(50, "step 3 of 8", Origin.APPLICATION, event="step", index=3, total=8)

    assert not any(told.note(each) for each in [*cold_start(), steps, request(60, 2.0)])
    assert not told.note(line(51, "INFO: anything", Origin.APPLICATION))
    assert not told.note(line(0, AUTOSCALING, Origin.APPLICATION, instance="z"))
    assert not told.note(line(0, "Ready condition changed", Origin.AUDIT, instance="z"))


def test_the_oldest_instances_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconstruction, "MOST_INSTANCES", 2)
    told = book(*(line(n, MINIMUM, instance=f"i{n}") for n in range(5)))

    assert [each.instance for each in told.starts] == ["i3", "i4"]
    assert not told.note(line(1.5, PASSED, instance="i1"))


@pytest.mark.parametrize(
    "fields",
    [
        {"at": "soon"},
        {"at": -1.0},
        {"at": float("nan")},
        {"at": float("inf")},
        {"at": 10**400},
        {"at": 1e12},
        {},
        {"at": 1.0, "bytes": -5},
        {"at": 1.0, "seconds": float("inf")},
    ],
)
def test_figures_that_cannot_be_tell_nothing(fields: dict[str, object]) -> None:
    hostile = line(5, "read", Origin.APPLICATION, event="weights_read", **fields)

    assert book(hostile).starts == ()


@pytest.mark.parametrize("year", [1, 9999])
def test_times_that_cannot_be_reckoned_with_tell_nothing(year: int) -> None:
    far = [
        LogRecord(each.time.replace(year=year), each.severity, each.message, each.event,
                  each.fields, each.provenance)
        for each in cold_start()
    ]  # fmt: skip

    assert book(*far).starts == ()


# -- on this machine ---------------------------------------------------------------------------

EVENTS = tuple(
    StartupEvent(Phase(event), age, **fields)  # type: ignore[arg-type]
    for event, age, fields in TIMELINE
)


def test_the_start_of_an_engine_on_this_machine() -> None:
    start = local_start(EVENTS, NOON)

    assert start.reason is Reason.LOCAL
    assert start.total == 34.0
    assert spans(start) == {
        "open port": 0.4,
        "import": 2.0,
        "weights": 30.0,
        "to device": 1.0,
        "warm-up": 0.6,
    }


def test_a_picture_that_waited_for_the_engine_on_this_machine_belongs_to_its_start() -> None:
    start = local_start(EVENTS, NOON, WaitingRequest(at(-0.5), 40.5))

    assert start.total == 40.5
    assert spans(start)["waiting"] == 0.5
    assert spans(start)["first answer"] == 6.0


def test_the_start_of_an_engine_on_this_machine_may_go_on_or_fail() -> None:
    assert local_start(EVENTS[:3], NOON).ended is None
    failed = local_start((*EVENTS[:2], StartupEvent(Phase.FAILED, 1.0, message="no file")), NOON)
    assert failed.failure is not None
    assert failed.failure.says == "no file"
