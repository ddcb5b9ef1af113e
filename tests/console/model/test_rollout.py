"""A roll-out told from what is known at each moment; the moments are seconds after it began."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from console.model.launches import Launches
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.rollout import KEPT, Rollout, rollout
from console.model.service import (
    Condition,
    ConditionState,
    Revision,
    ServiceFacts,
    ServiceName,
)
from console.model.text import SafeText

BEGAN = datetime(2026, 11, 24, 12, tzinfo=UTC)
OLD, NEW = SafeText("z-1"), SafeText("z-2")
FAILED, SUCCEEDED = ConditionState.FAILED, ConditionState.SUCCEEDED


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def condition(name: str, state: ConditionState, seconds: float = 0, **said: str) -> Condition:
    texts = {key: SafeText(value) for key, value in said.items()}
    return Condition(SafeText(name), state, changed=at(seconds), **texts)


DEPLOYING = ServiceFacts(
    name=ServiceName("p", "r1", "z"),
    updated=BEGAN,
    reconciling=True,
    latest_created_revision=NEW,
    latest_ready_revision=OLD,
    ready=condition("Ready", ConditionState.RECONCILING),
)
MADE = Revision(name=NEW, created=at(1))
HEALTHY = replace(MADE, conditions=(condition("Ready", SUCCEEDED, 9),))
DONE = replace(
    DEPLOYING,
    reconciling=False,
    latest_ready_revision=NEW,
    ready=condition("Ready", SUCCEEDED, 12),
)


def line(seconds: float, text: str, origin: Origin = Origin.PLATFORM) -> LogRecord:
    where = Provenance(origin=origin, revision=NEW, instance=SafeText("a"))
    return LogRecord(at(seconds), Severity.INFO, SafeText(text), provenance=where)


STARTED = line(2, "Starting new instance. Reason: DEPLOYMENT_ROLLOUT - Instance started")
SAID = line(4, "port 7860 is open", Origin.APPLICATION)
PROBED = line(9, 'Default STARTUP TCP probe succeeded after 1 attempt for container "z"')


def seen(
    facts: ServiceFacts, revision: Revision | None, *lines: LogRecord, now: float = 20
) -> Rollout:
    launches = Launches()
    for each in lines:
        launches.note(each)
    found = rollout(facts, revision, launches.of(NEW), at(now))
    assert found is not None
    return found


def told(found: Rollout, now: float = 20) -> list[tuple[str, str, float | None]]:
    return [(each.name, str(each.state), each.seconds(at(now))) for each in found.stages]


def test_a_service_at_rest_has_no_rollout() -> None:
    assert rollout(DONE, HEALTHY, None, at(13) + KEPT) is None


def test_it_begins_with_a_revision() -> None:
    found = seen(DEPLOYING, None)
    assert told(found)[0] == ("Creating revision", "going on", 20.0)
    assert {state for _, state, _ in told(found)[1:]} == {"to come"}
    assert (found.revision, found.serving, found.going_on) == (NEW, OLD, True)


def test_an_instance_is_started_and_probed() -> None:
    assert told(seen(DEPLOYING, MADE, STARTED))[1] == ("Starting an instance", "going on", 19.0)
    stages = told(seen(DEPLOYING, MADE, STARTED, SAID))
    assert stages[1] == ("Starting an instance", "done", 3.0)
    assert stages[2] == ("Start-up probe", "going on", 16.0)


def test_traffic_is_routed_when_the_probe_has_passed() -> None:
    stages = told(seen(DEPLOYING, MADE, STARTED, SAID, PROBED))
    assert stages[2:4] == [("Start-up probe", "done", 5.0), ("Routing traffic", "going on", 11.0)]


def test_the_end_tells_how_long_all_of_it_took() -> None:
    found = seen(DONE, HEALTHY, STARTED, SAID, PROBED)
    assert told(found)[3:] == [("Routing traffic", "done", 3.0), ("Ready", "done", 12.0)]
    assert not found.going_on


def test_what_the_log_does_not_tell_is_unknown_and_not_zero() -> None:
    stages = told(seen(DONE, HEALTHY))
    assert stages[1] == ("Starting an instance", "done", None)
    assert stages[2] == ("Start-up probe", "done", None)


def test_a_start_that_nobody_checks_is_skipped() -> None:
    skipped = condition("ContainerHealthy", SUCCEEDED, 2, reason="HEALTH_CHECK_SKIPPED")
    stages = told(seen(DEPLOYING, replace(MADE, conditions=(skipped,))))
    assert [state for _, state, _ in stages[1:4]] == ["skipped", "skipped", "going on"]


def test_a_change_of_traffic_alone_has_no_revision_to_make() -> None:
    found = seen(replace(DEPLOYING, latest_ready_revision=NEW), replace(HEALTHY, created=at(-999)))
    assert told(found) == [("Routing traffic", "going on", 20.0), ("Ready", "to come", None)]


def test_a_start_that_fails_says_why_and_shows_its_last_words_and_who_serves_on() -> None:
    says = "The user-provided container failed the configured startup probe checks."
    bad = condition("ContainerHealthy", FAILED, 10, message=says)
    sums_up = condition("Ready", FAILED, 10, reason="HEALTH_CHECK_CONTAINER_ERROR", message=says)
    facts = replace(DEPLOYING, reconciling=False, ready=condition("Ready", FAILED, 11))
    found = seen(facts, replace(MADE, conditions=(sums_up, bad)), STARTED, SAID)
    assert told(found)[2:] == [
        ("Start-up probe", "failed", 6.0),
        ("Routing traffic", "to come", None),
        ("Ready", "to come", None),
    ]
    assert found.cause is not None
    assert found.cause.says == "the container did not pass its start-up probe"
    assert [each.message for each in found.last_words] == [STARTED.message, SAID.message]
    assert found.serving == OLD


def test_an_image_that_is_not_there_fails_before_any_start() -> None:
    gone = condition("ContainerReady", FAILED, 3, message="Image 'x' not found")
    facts = replace(DEPLOYING, reconciling=False, ready=condition("Ready", FAILED, 3))
    found = seen(facts, replace(MADE, conditions=(gone,)))
    assert found.present.name == "Creating revision"
    assert found.cause is not None
    assert found.cause.says == "the image x is not there"


def test_a_refusal_before_any_revision_is_told_by_the_service() -> None:
    refused = condition("Ready", FAILED, 1, message="Quota violated: CpuAlloc requested: 9")
    found = seen(replace(DEPLOYING, reconciling=False, ready=refused), None)
    assert found.present.name == "Creating revision"
    assert found.cause is not None
    assert found.cause.says == "the quota CpuAlloc is too small for this"


def test_only_the_newest_instance_of_a_revision_has_the_last_words() -> None:
    other = Provenance(origin=Origin.PLATFORM, revision=NEW, instance=SafeText("b"))
    again = replace(STARTED, time=at(15), provenance=other)
    launches = Launches()
    for each in (STARTED, SAID, again):
        launches.note(each)
    launch = launches.of(NEW)
    assert launch is not None
    assert (list(launch.lines), launch.first_words) == ([again], None)
