from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from console.model.images import MadePicture, Run, RunState
from console.model.log.lines import Severity
from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.store import Store, Topic
from engine.schema import GenerationRequest, Size

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def picture(prompt: str) -> MadePicture:
    return MadePicture(prompt, Size(64, 64), 8, 1, 0.5, NOON, b"png")


def listened(store: Store) -> list[Topic]:
    heard: list[Topic] = []
    store.subscribe(heard.append)
    return heard


def test_listeners_hear_what_changed() -> None:
    store = Store()
    heard = listened(store)
    store.set_service(ServiceSnapshot(state=ServiceState.STARTING))
    store.add_log(NOON, Severity.INFO, SafeText("hello"))
    store.put_run(Run(1, GenerationRequest("a circle")))
    store.add_picture(picture("a circle"))
    assert heard == [Topic.SERVICE, Topic.LOGS, Topic.RUNS, Topic.GALLERY]


def test_an_equal_snapshot_is_no_news() -> None:
    store = Store()
    run = Run(1, GenerationRequest("a circle"))
    store.put_run(run)
    heard = listened(store)
    store.set_service(ServiceSnapshot())
    store.put_run(replace(run))
    assert heard == []


def test_a_listener_that_left_hears_nothing_more() -> None:
    store = Store()
    heard: list[Topic] = []
    leave = store.subscribe(heard.append)
    leave()
    leave()
    store.add_log(NOON, Severity.INFO, SafeText("hello"))
    assert heard == []


def test_a_listener_may_leave_while_it_listens() -> None:
    store = Store()
    heard: list[Topic] = []

    def once(topic: Topic) -> None:
        heard.append(topic)
        leave()

    leave = store.subscribe(once)
    others = listened(store)
    store.add_log(NOON, Severity.INFO, SafeText("one"))
    store.add_log(NOON, Severity.INFO, SafeText("two"))
    assert heard == [Topic.LOGS]
    assert others == [Topic.LOGS, Topic.LOGS]


def test_runs_are_kept_in_order_and_replaced_by_number() -> None:
    store = Store()
    first, second = (Run(number, GenerationRequest("x")) for number in (1, 2))
    store.put_run(first)
    store.put_run(second)
    store.put_run(replace(first, state=RunState.RUNNING))
    assert [(run.number, run.state) for run in store.runs] == [
        (1, RunState.RUNNING),
        (2, RunState.WAITING),
    ]


def test_the_newest_picture_comes_first() -> None:
    store = Store()
    store.add_picture(picture("old"))
    store.add_picture(picture("new"))
    assert [each.prompt for each in store.gallery] == ["new", "old"]
