from datetime import timedelta
from decimal import Decimal

import pytest
from cost_examples import NOON, PATIENTLY, PRICES, after, exact
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost import life_records
from console.model.cost.compute_cost import Fleet, Shape, spent
from console.model.cost.estimate import Window
from console.model.cost.instance_lives import Life
from console.model.cost.life_records import InstanceRecord, LifeRecords, lives_told_by
from console.model.cost.prices import Gpu
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.text import SafeText

STARTED = (
    "Starting new instance. Reason: AUTOSCALING - Instance started due to configured scaling "
    "factors (e.g. CPU utilization, request throughput, etc.) or no existing capacity for "
    "current traffic."
)
PROBED = 'Default STARTUP TCP probe succeeded after 1 attempt for container "z-image" on port 7860.'
NOT_STARTED = (
    'Default STARTUP TCP probe failed 1 time consecutively for container "z-image" on port 7860. '
    "The instance was not started.\nConnection failed with status DEADLINE_EXCEEDED"
)


def line(
    seconds: float,
    message: str = "",
    origin: Origin = Origin.PLATFORM,
    *,
    instance: str = "a1",
    revision: str = "z-image-00001",
    event: str = "",
    **fields: object,
) -> LogRecord:
    return LogRecord(
        time=after(seconds=seconds),
        severity=Severity.INFO,
        message=SafeText(message),
        event=event,
        fields=fields,
        provenance=Provenance(
            origin=origin, revision=SafeText(revision), instance=SafeText(instance)
        ),
    )


def answered(seconds: float, latency: object, **more: str) -> LogRecord:
    return line(
        seconds, "POST /predict 200", Origin.REQUEST, httpRequest={"latency": latency}, **more
    )


COLD_START = (
    line(0, STARTED),
    line(9, "the port is open", Origin.APPLICATION, event="port_open"),
    line(31, "ready", Origin.APPLICATION, event="ready"),
    line(32, PROBED),
    answered(-0.5, 40.5),
    line(700, "Container called exit(0)."),
)


def told(*records: LogRecord) -> Life:
    (lives,) = lives_told_by(records).values()
    (life,) = lives
    return life


def test_a_cold_start_as_the_log_tells_it() -> None:
    assert told(*COLD_START) == Life(
        start=NOON,
        ready=after(seconds=32),
        requests=(Window(after(seconds=-0.5), after(seconds=40)),),
        end=after(seconds=700),
        seen=after(seconds=700),
    )


def test_a_life_from_the_log_has_a_price() -> None:
    # 700 s × 0.0002907
    shape = Shape(region="us-central1", cpu=Decimal(4), memory=Decimal(16), gpu=Gpu.L4)
    fleet = Fleet(shape, (told(*COLD_START),))

    cost = spent([fleet], Window(NOON, after(days=1)), after(days=1), PRICES)

    assert exact(cost) == Decimal("0.20349")


def test_without_a_probes_line_the_engine_says_when_it_was_ready() -> None:
    assert told(*COLD_START[:3]).ready == after(seconds=31)


def test_without_either_it_is_not_known() -> None:
    assert told(*COLD_START[:2]).ready is None


def test_an_instance_whose_start_was_not_seen_was_ready_before() -> None:
    life = told(line(50, "a line", Origin.APPLICATION))

    assert (life.start, life.ready) == (after(seconds=50), after(seconds=50))


def test_the_first_line_of_an_instance_may_come_last() -> None:
    later, earlier = (line(each, "a line", Origin.APPLICATION) for each in (50, 20))

    assert told(later, earlier).start == after(seconds=20)


def test_an_instance_that_never_started_has_ended() -> None:
    assert told(line(0, STARTED), line(240, NOT_STARTED)).end == after(seconds=240)


def test_an_instance_ends_with_the_last_word_about_its_end() -> None:
    killed = line(300, "Container terminated on signal 9.")
    gave_up = line(310, "Container called exit(1).")

    assert told(gave_up, line(0, STARTED), killed).end == after(seconds=310)


def test_the_last_sign_of_an_instance_is_its_last_answer_or_line() -> None:
    life = told(line(0, STARTED), answered(10, 30))

    assert life.end is None
    assert life.seen == after(seconds=40)


@pytest.mark.parametrize("latency", [None, "3s", True, -1, float("nan"), 10**9])
def test_an_answer_of_impossible_length_tells_of_the_instance_alone(latency: object) -> None:
    assert told(line(0, STARTED), answered(10, latency)).requests == ()


def test_lines_that_no_instance_wrote_tell_nothing() -> None:
    assert lives_told_by([line(0, STARTED, instance="")]) == {}


def test_instances_are_told_apart_by_revision() -> None:
    lives = lives_told_by(
        [
            line(5, STARTED, instance="b", revision="z-image-00002"),
            line(9, STARTED, instance="c", revision="z-image-00002"),
            line(0, STARTED),
        ]
    )

    assert list(lives) == ["z-image-00001", "z-image-00002"]
    assert [each.start for each in lives[SafeText("z-image-00002")]] == [
        after(seconds=5),
        after(seconds=9),
    ]


def test_the_oldest_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life_records, "MAX_KNOWN", 2)
    records = LifeRecords()

    for second in range(5):
        records.note(answered(second, 0.5, instance=f"i{second}"))

    (lives,) = records.by_revision.values()
    assert [each.start for each in lives] == [after(seconds=3), after(seconds=4)]


mixed = st.permutations(
    [
        *COLD_START,
        *COLD_START,
        line(600, STARTED, instance="a2"),
        answered(590, 45.0, instance="a2"),
        line(650, PROBED, instance="a2"),
    ]
)


@PATIENTLY
@given(mixed)
def test_late_double_and_mixed_up_lines_tell_the_same(records: list[LogRecord]) -> None:
    lives = lives_told_by(records)[SafeText("z-image-00001")]

    assert lives[0] == told(*COLD_START)
    assert lives[1].requests[0].length == timedelta(seconds=45)


def recorded(*records: LogRecord) -> InstanceRecord:
    known = LifeRecords()
    for record in records:
        known.note(record)
    (only,) = known.take_changed()
    return only


def test_only_those_that_lines_told_of_are_taken_again() -> None:
    records = LifeRecords()
    for record in (*COLD_START[:3], line(0, STARTED, instance="b2")):
        records.note(record)

    first, second = records.take_changed()
    assert (first.instance, second.instance) == ("a1", "b2")
    assert first.life == told(*COLD_START[:3])
    assert records.take_changed() == ()

    records.note(COLD_START[3])
    assert [each.life.ready for each in records.take_changed()] == [after(seconds=32)]


def test_who_hears_of_an_instance_late_does_not_know_that_it_was_ready() -> None:
    began = recorded(line(0, STARTED))
    heard = recorded(line(9, "the port is open", Origin.APPLICATION, event="port_open"))

    assert heard.life.ready == after(seconds=9)
    assert began.joined(heard).life.ready is None


@given(
    st.sets(st.integers(0, len(COLD_START) - 1), min_size=1),
    st.sets(st.integers(0, len(COLD_START) - 1), min_size=1),
)
def test_what_two_know_of_an_instance_is_what_all_their_lines_tell(
    one: set[int], other: set[int]
) -> None:
    first, second = (recorded(*(COLD_START[at] for at in each)) for each in (one, other))
    whole = told(*(COLD_START[at] for at in one | other))
    assert first.joined(second).life == second.joined(first).life == whole
