from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from cloud_scenes import NOW, SNAPSHOTS, at_zero

from console.config import Config
from console.model.images import Run, RunState
from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.verbs.progress_line import progress_text
from console.verbs.reports import print_status, status_document, status_facts
from engine.schema import GenerationRequest, Phase, Readiness, StartupEvent

STARTING = ServiceSnapshot(
    state=ServiceState.STARTING, readiness=Readiness(False, Phase.WEIGHTS_READ, 40, "reading")
)
READY = ServiceSnapshot(state=ServiceState.READY)
RUN = Run(1, GenerationRequest("x"), RunState.RUNNING, total=8)


@pytest.mark.parametrize(
    ("service", "changes", "said"),
    [
        (STARTING, {"state": RunState.WAITING}, "starting the engine, 40 %: reading"),
        (READY, {"position": 2}, "waiting, 2 before this"),
        (READY, {}, "reading the prompt"),
        (READY, {"tokens": 3, "step": 5}, "step 5 of 8"),
        (at_zero(), {}, "waiting for an instance to start"),
        (replace(at_zero(), starts=(6.2,)), {}, "waiting for an instance to start, about 6 s"),
    ],
)
def test_progress_is_told_in_a_few_words(
    service: ServiceSnapshot, changes: dict[str, Any], said: str
) -> None:
    assert progress_text(service, [replace(RUN, **changes)]) == said


def test_what_is_not_known_is_a_dash() -> None:
    facts = dict(status_facts(ServiceSnapshot(), NOW))
    assert (facts["model"], facts["ready after"]) == ("–", "–")
    assert facts["files"] == "bundled with the engine"
    assert "problem" not in facts


def test_a_cloud_that_never_answered_is_told_without_what_only_this_machine_has() -> None:
    service = ServiceSnapshot(
        state=ServiceState.FAILED,
        source="p1/us-central1/s",
        problem=SafeText("no login"),
    )
    assert status_facts(service, NOW) == [
        ("context", "p1/us-central1/s"),
        ("state", "failed"),
        ("problem", "no login"),
    ]


def test_names_that_look_like_markup_are_printed_as_they_are() -> None:
    stream = io.StringIO()
    snapshot = ServiceSnapshot(
        model=SafeText("[red]z[/blue]"),
        problem=SafeText("[/bad]"),
        timeline=(StartupEvent(Phase.WEIGHTS_READ, 1.0, "[link='a", 1_000_000, 0.5),),
    )
    print_status(snapshot, stream, NOW)
    for text in ("[red]z[/blue]", "[/bad]", "[link='a"):
        assert text in stream.getvalue()


def printed(name: str) -> str:
    stream = io.StringIO()
    print_status(SNAPSHOTS[name](), stream, NOW)
    return stream.getvalue()


def test_a_service_on_google_cloud_is_told_to_a_person() -> None:
    said = dict(status_facts(SNAPSHOTS["split"](), NOW))
    assert said["access"] == "public: callers are not checked"
    assert said["ready"] == "yes: it can take requests"
    assert said["traffic"] == "90 % zimage-00001-abc · 10 % zimage-00002-xyz"
    assert said["requests"] == "43 in the last hour · 1 failed · p50 2.1 s · p95 41.0 s"
    assert said["models"] == "asking … · gs://sandbox-models at /models"
    assert said["changed"] == "2 d ago"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", "and zimage-00002-xyz is not ready"),
        ("broken", "failed: it failed, and Cloud Run gives no reason"),
        ("service-silent", "no new answer · as of 12:02 UTC, 3 min ago · again in 12 s"),
        ("log-denied", "needs logging.logEntries.list"),
        ("metrics-denied", "– needs monitoring.timeSeries.list"),
        ("access-denied", "unknown: permission is missing"),
    ],
)
def test_what_is_wrong_is_told_where_it_belongs(name: str, words: str) -> None:
    assert words in " ".join(printed(name).split())


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_every_state_has_a_document_of_plain_json(name: str) -> None:
    document = json.loads(json.dumps(status_document(Config(), SNAPSHOTS[name]())))
    assert document["state"] == str(SNAPSHOTS[name]().state)


def test_the_document_tells_conditions_access_and_how_well_each_is_known() -> None:
    document: Any = status_document(Config(), SNAPSHOTS["log-denied"]())
    assert document["service"]["conditions"][0]["meaning"] == "the newest revision is made"
    assert document["access"]["openness"] == "private"
    assert document["freshness"]["log"]["permission"] == "logging.logEntries.list"
    assert document["freshness"]["service"]["standing"] == "fresh"


def test_the_document_tells_why_a_rollout_failed() -> None:
    rollout: Any = status_document(Config(), SNAPSHOTS["broken"]())["rollout"]
    assert rollout["cause"] == "the container did not open port 7860 in time"
    assert [each["state"] for each in rollout["stages"]][2] == "failed"
    assert rollout["last_lines"][2] == "Container called exit(1)."


def test_an_engine_on_this_machine_has_no_ages() -> None:
    assert status_document(Config(), ServiceSnapshot())["freshness"] is None
