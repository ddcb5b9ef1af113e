from __future__ import annotations

from types import MappingProxyType

import pytest
from start_lines import (
    AUTOSCALING,
    EXITED,
    GAVE_UP,
    MINIMUM,
    NOON,
    OVER_MEMORY,
    PASSED,
    READYZ,
    TIMELINE,
    at,
    cold_start,
    line,
    request,
    spans,
    spoken,
    told_by,
)

from console.model.starts.spans import doing, phase_spans
from console.model.starts.start import ColdStart, Moment, StartPhase, WaitingRequest
from console.model.text import SafeText

START = ColdStart(instance=SafeText("a"), process=NOON)


def known(requests: tuple[WaitingRequest, ...] = (), **seconds: float) -> ColdStart:
    """A start of which these moments are known."""
    found = {Moment(name): at(when) for name, when in seconds.items()}
    return ColdStart(
        instance=SafeText("a"),
        process=min(found.values()),
        moments=MappingProxyType(found),
        requests=requests,
    )


WAITED = (WaitingRequest(NOON, 28.0),)


def test_a_start_of_which_everything_is_known_has_every_phase() -> None:
    # The probe passed early, so nobody waited for it.
    assert spans(told_by(*cold_start())) == {
        "waiting": 0.02,
        "container": 2.98,
        "open port": 0.4,
        "import": 2.0,
        "weights": 30.0,
        "to device": 1.0,
        "warm-up": 0.6,
        "first answer": 8.0,
    }


def converting(seconds: float) -> ColdStart:
    """A start whose engine brought weights into their form for so long, between reads."""
    timeline = [
        (event, age, {"seconds": seconds} if event == "on_device" else fields)
        for event, age, fields in TIMELINE
    ]
    return told_by(*spoken(0.0, timeline))


@pytest.mark.parametrize(
    ("seconds", "weights", "device"),
    [(0.5, 30.0, 1.0), (26.0, 5.0, 26.0), (99.0, 0.0, 31.0)],
    ids=["less than came behind", "most of it", "more than there is"],
)
def test_what_is_converted_between_reads_is_no_reading(
    seconds: float, weights: float, device: float
) -> None:
    found = spans(converting(seconds))
    assert found.get("weights", 0.0) == weights
    assert found["to device"] == device


def test_a_probe_that_passed_after_the_engine_was_ready_has_a_phase() -> None:
    start = told_by(line(0, AUTOSCALING), *spoken(1.0), line(39, READYZ), request(-0.5, 45.5))

    assert spans(start)["probe"] == 4.0
    assert spans(start)["first answer"] == 6.0


def test_of_requests_alone_the_whole_is_known() -> None:
    start = known(WAITED, arrived=0.0, answered=28.0)

    assert spans(start) == {"waiting to first answer": 28.0}


def test_of_the_platform_alone_the_middle_is_not_told_apart() -> None:
    assert spans(told_by(line(0, MINIMUM), line(20, PASSED))) == {"container to probe": 20.0}


def test_of_the_engine_alone_the_phases_of_the_engine_are_known() -> None:
    found = told_by(*spoken(0.0))

    assert list(spans(found)) == ["open port", "import", "weights", "to device", "warm-up"]
    assert found.total == sum(spans(found).values()) == 34.0


def test_phases_between_known_moments_are_one_span() -> None:
    missing = [each for each in cold_start() if each.event not in ("imports_done", "on_device")]

    found = spans(told_by(*missing))
    assert found["import to weights"] == 32.0
    assert found["to device to warm-up"] == 1.6


def test_what_was_read_during_the_import_took_no_time_of_its_own() -> None:
    start = known(
        container_up=0.0, port_open=0.5, weights_read=4.0, imports_done=6.0, on_device=7.0,
        ready=8.0,
    )  # fmt: skip

    assert spans(start) == {
        "open port": 0.5,
        "import": 5.5,
        "weights": 0.0,
        "to device": 1.0,
        "warm-up": 1.0,
    }


def test_without_a_word_of_the_probe_it_is_not_told_apart_from_the_first_answer() -> None:
    start = known(WAITED, arrived=0.0, asked_for=0.1, container_up=1.0, ready=20.0, answered=28.0)

    assert spans(start)["probe to first answer"] == 8.0


def test_a_request_that_came_while_it_started_did_not_wait_before_it() -> None:
    start = known(WAITED, asked_for=-10.0, arrived=0.0, probed=20.0, answered=28.0)

    assert spans(start) == {"container to probe": 30.0, "first answer": 8.0}


def test_a_probe_whose_line_was_written_after_the_answer_ends_no_later_than_that() -> None:
    start = known(WAITED, arrived=0.0, asked_for=0.0, ready=20.0, probed=28.5, answered=28.0)

    assert spans(start) == {"container to warm-up": 20.0, "probe": 8.0, "first answer": 0.0}


def test_a_start_that_goes_on_has_what_is_over() -> None:
    start = told_by(line(0, MINIMUM), *spoken(3.0, TIMELINE[:4]))

    assert spans(start) == {"container": 3.0, "open port": 0.4, "import": 2.0}
    assert doing(start) == (StartPhase.WEIGHTS,)


def test_a_start_of_which_nothing_is_heard_yet_does_all_that_is_ahead() -> None:
    start = told_by(line(0, MINIMUM))

    assert phase_spans(start) == ()
    assert doing(start)[0] is StartPhase.CONTAINER
    assert doing(start)[-1] is StartPhase.WARM_UP


def test_a_start_that_failed_ends_in_the_phase_in_which_it_did() -> None:
    start = told_by(line(0, AUTOSCALING), *spoken(3.0, TIMELINE[:4]), line(28, OVER_MEMORY))

    assert spans(start)["weights"] == 22.6
    assert spans(told_by(line(0, AUTOSCALING), line(240, GAVE_UP))) == {
        "container to warm-up": 240.0
    }


def test_an_image_that_opens_its_port_and_dies_failed_while_somebody_waited() -> None:
    start = told_by(
        line(0, AUTOSCALING), line(1, PASSED), line(20, EXITED), request(-0.5, 20.6, 500)
    )

    assert spans(start) == {"waiting": 0.5, "container to probe": 1.0, "first answer": 19.0}


@pytest.mark.parametrize("moment", list(Moment))
def test_one_moment_alone_has_no_length(moment: Moment) -> None:
    assert phase_spans(known(**{moment.value: 5.0})) == ()


def test_a_start_of_which_only_the_process_is_known_has_no_spans() -> None:
    assert phase_spans(START) == ()
