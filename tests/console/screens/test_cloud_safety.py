"""Whatever Google Cloud sends is text on the Overview: nothing of it moves, colours or acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cloud_scenes import NOW, THEN, at_zero, clock
from console_scenes import opened, settled, text_of
from google.cloud import run_v2

from console.model.access import Policy, access
from console.model.freshness import Freshness, Standing
from console.model.launches import Launches
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.rollout import rollout
from console.model.service import ServiceName, ServiceSnapshot
from console.model.serving import serving
from console.sources.base import Malformed
from console.sources.run_facts import revision_facts, service_facts
from console.store import Store
from console.terminal.sanitise import sanitise

EVIL = "\x1b]0;owned\x07\x1b[2J\u202e[bold red]x[/] [@click=app.quit]y[/] \x9b31m\x00{z}"
SEEN = "[bold red]x[/]"
NAME = ServiceName("my-project", "us-central1", "z-image")
STATE = run_v2.Condition.State


def condition(kind: str, state: int) -> run_v2.Condition:
    return run_v2.Condition(type_=kind, state=state, message=EVIL, last_transition_time=THEN)


def evil_service() -> run_v2.Service:
    revision = f"{NAME.resource}/revisions/{EVIL}"
    return run_v2.Service(
        name=NAME.resource,
        uri=f"https://z.run.app/{EVIL}",
        update_time=THEN,
        last_modifier=EVIL,
        template=run_v2.RevisionTemplate(
            service_account=EVIL,
            timeout=timedelta(seconds=300),
            volumes=[run_v2.Volume(name="m", gcs=run_v2.GCSVolumeSource(bucket=EVIL))],
            containers=[
                run_v2.Container(
                    image=EVIL,
                    resources=run_v2.ResourceRequirements(limits={"cpu": EVIL, "memory": EVIL}),
                    volume_mounts=[run_v2.VolumeMount(name="m", mount_path=EVIL)],
                )
            ],
        ),
        terminal_condition=condition("Ready", STATE.CONDITION_FAILED),
        conditions=[
            condition("RoutesReady", STATE.CONDITION_FAILED),
            condition(EVIL, STATE.CONDITION_PENDING),
        ],
        latest_ready_revision=f"{NAME.resource}/revisions/old{EVIL}",
        latest_created_revision=revision,
        traffic_statuses=[
            run_v2.TrafficTargetStatus(percent=50, revision=revision, tag=EVIL),
            run_v2.TrafficTargetStatus(percent=50, revision=EVIL),
        ],
    )


def evil_snapshot() -> ServiceSnapshot:
    facts = service_facts(evil_service())
    failed = run_v2.Revision(
        name=evil_service().latest_created_revision,
        create_time=THEN,
        conditions=[condition("ContainerHealthy", STATE.CONDITION_FAILED)],
    )
    launches = Launches()
    where = Provenance(origin=Origin.PLATFORM, revision=sanitise(EVIL), instance=sanitise(EVIL))
    launches.note(LogRecord(THEN, Severity.ERROR, sanitise(EVIL), provenance=where))
    known = serving(at_zero(), facts, None, NOW)
    trouble = Freshness(Standing.ERROR, THEN, sanitise(EVIL), NOW)
    return replace(
        known,
        source="my-project/us-central1/z-image",
        rollout=rollout(facts, revision_facts(failed), launches.of(sanitise(EVIL)), NOW),
        access=access(check_is_off=False, ingress=sanitise(EVIL), policy=Policy()),
        log_problem=sanitise(EVIL),
        fresh=replace(known.fresh, service=trouble, log=replace(trouble, needs=sanitise(EVIL))),
    )


@pytest.mark.parametrize("size", ["80x24", "120x36"])
async def test_what_google_cloud_says_of_a_service_is_only_text(
    size: str, matches_golden: Callable[[str, str], None]
) -> None:
    width, height = map(int, size.split("x"))
    store = Store()
    store.set_service(evil_snapshot())
    async with opened(store, (width, height), restarts=False, clock=clock()) as (app, pilot):
        shown = text_of(app)
        assert SEEN in shown
        assert not [letter for letter in shown if ord(letter) < 32 and letter != "\n"]
        assert "\u202e" not in shown
        assert "\x9b" not in shown
        matches_golden(f"overview-cloud-hostile-{size}", shown)
        store.set_service(replace(evil_snapshot(), rollout=None))
        await settled(app, pilot)
        assert SEEN in text_of(app)


def test_a_service_whose_name_is_no_name_is_refused_in_harmless_words() -> None:
    with pytest.raises(Malformed) as refused:
        service_facts(run_v2.Service(name=f"projects/p/locations/r1/services/{EVIL}"))
    assert "\x1b" not in refused.value.message
    assert "\x9b" not in refused.value.message
