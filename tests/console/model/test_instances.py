from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from console.model.instances import IDLE_KEPT, MAX_KNOWN, Instances
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.service import (
    Condition,
    ConditionState,
    ServiceFacts,
    ServiceName,
    ServiceSnapshot,
    ServiceState,
)
from console.model.serving import serving
from console.model.text import SafeText
from engine.schema import Phase

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SERVING = ServiceFacts(
    name=ServiceName("sandbox", "local-1", "zimage"),
    ready=Condition(SafeText("Ready"), ConditionState.SUCCEEDED),
    latest_ready_revision=SafeText("zimage-1"),
)
STARTED = "Starting new instance. Reason: AUTOSCALING - Instance started due to"


def line(
    text: str, after: float = 0.0, instance: str = "a", origin: Origin = Origin.PLATFORM
) -> LogRecord:
    where = Provenance(origin=origin, instance=SafeText(instance))
    moment = NOON + timedelta(seconds=after)
    return LogRecord(moment, Severity.INFO, SafeText(text), provenance=where)


def reached(phase: Phase, after: float) -> LogRecord:
    said = line("in words", after, origin=Origin.APPLICATION)
    return replace(said, event=str(phase), fields={"at": after})


def heard(*lines: LogRecord) -> Instances:
    instances = Instances()
    for each in lines:
        instances.note(each)
    return instances


def state(instances: Instances | None, facts: ServiceFacts = SERVING) -> ServiceState:
    return serving(ServiceSnapshot(), facts, instances, NOON + timedelta(seconds=10)).state


def test_a_service_of_which_no_line_tells_is_at_zero() -> None:
    known = serving(ServiceSnapshot(), SERVING, Instances(), NOON)
    assert (known.state, known.instances) == (ServiceState.AT_ZERO, 0)


def test_a_service_whose_log_is_not_known_has_no_number_of_instances() -> None:
    known = serving(ServiceSnapshot(), SERVING, None, NOON)
    assert (known.state, known.instances) == (ServiceState.READY, None)


def test_an_instance_starts_is_ready_and_ends_as_its_lines_say() -> None:
    instances = heard(line(STARTED))
    assert state(instances) is ServiceState.STARTING
    instances.note(reached(Phase.PORT_OPEN, 1))
    assert state(instances) is ServiceState.STARTING
    instances.note(reached(Phase.READY, 2))
    assert state(instances) is ServiceState.READY
    instances.note(line("Container called exit(0).", 3))
    assert state(instances) is ServiceState.AT_ZERO
    known = serving(ServiceSnapshot(), SERVING, instances, NOON)
    assert known.ready_after == 2


def test_a_late_line_brings_no_ended_instance_back() -> None:
    instances = heard(line(STARTED), line("Container terminated on signal 9.", 1), line("x", 5))
    assert state(instances) is ServiceState.AT_ZERO


def test_an_application_cannot_say_what_only_the_platform_can() -> None:
    instances = heard(line("x"), line("Container called exit(0).", 1, origin=Origin.APPLICATION))
    assert state(instances) is ServiceState.READY


def test_an_instance_that_is_silent_for_too_long_is_gone_unless_one_is_always_kept() -> None:
    instances = heard(line("x"))
    late = NOON + IDLE_KEPT + timedelta(seconds=1)
    assert instances.running(late) == ()
    assert len(instances.running(late, kept=None)) == 1
    always = replace(SERVING, min_instances=1)
    assert serving(ServiceSnapshot(), always, instances, late).state is ServiceState.READY


def test_an_instance_whose_model_cannot_be_loaded_is_a_failure_with_its_reason() -> None:
    failed = replace(reached(Phase.FAILED, 1), message=SafeText("the file is truncated"))
    known = serving(ServiceSnapshot(), SERVING, heard(line(STARTED), failed), NOON)
    assert (known.state, known.problem) == (ServiceState.FAILED, "the file is truncated")


def test_a_roll_out_that_failed_is_told_while_the_revision_before_serves() -> None:
    broken = Condition(SafeText("Ready"), ConditionState.FAILED, message=SafeText("no quota"))
    known = serving(ServiceSnapshot(), replace(SERVING, ready=broken), Instances(), NOON)
    assert known.state is ServiceState.AT_ZERO
    assert known.problem is not None
    assert "no quota" in known.problem
    never = replace(SERVING, ready=broken, latest_ready_revision=None)
    assert state(Instances(), never) is ServiceState.FAILED


def test_a_service_that_was_never_ready_is_being_deployed() -> None:
    pending = Condition(SafeText("Ready"), ConditionState.RECONCILING)
    facts = replace(SERVING, ready=pending, latest_ready_revision=None)
    assert state(Instances(), facts) is ServiceState.DEPLOYING


def test_instances_of_long_ago_are_forgotten() -> None:
    lines = [line("x", number, f"i{number}") for number in range(MAX_KNOWN + 50)]
    later = NOON + timedelta(seconds=MAX_KNOWN)
    assert len(heard(*lines).running(later, kept=None)) == MAX_KNOWN


def test_how_long_a_start_took_is_known_when_it_was_seen_from_beginning_to_end() -> None:
    def ready(instance: str, after: float) -> LogRecord:
        return replace(reached(Phase.READY, after), provenance=line("", 0.0, instance).provenance)

    def application(record: LogRecord) -> LogRecord:
        where = replace(record.provenance, origin=Origin.APPLICATION)
        return replace(record, provenance=where)

    instances = heard(
        line(STARTED, 0.0, "a"),
        application(ready("a", 6.5)),
        line(STARTED, 20.0, "b"),
        application(ready("c", 30.0)),
        # Lines may come late.
        application(ready("d", 47.0)),
        line(STARTED, 40.0, "d"),
    )
    assert instances.start_seconds == (6.5, 7.0)
    assert serving(ServiceSnapshot(), SERVING, instances, NOON).starts == (6.5, 7.0)
    assert serving(ServiceSnapshot(), SERVING, None, NOON).starts == ()
