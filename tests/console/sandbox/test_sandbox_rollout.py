"""Roll-outs: a real instance must pass its probe before a revision serves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from deploying import (
    BY_NAME,
    FAILED,
    IMAGE,
    LATEST,
    PARENT,
    SUCCEEDED,
    a_service,
    created,
    demo,
    ended,
    said,
    short,
    updated,
    with_image,
)
from google.api_core import exceptions
from google.cloud import run_v2
from open_sandbox import Clients, opened, texts
from running_session import SCRIPTED

from console.sandbox.faults import Fault

SYSTEM = 'log_id("run.googleapis.com/varlog/system")'
NOT_LISTENING = "failed to start and listen on the port defined provided by the PORT=7860"
DONE = {
    "ContainerReady": "SUCCEEDED",
    "ResourcesAvailable": "SUCCEEDED",
    "ContainerHealthy": "SUCCEEDED",
    "Ready": "SUCCEEDED",
    "Active": "SUCCEEDED",
}


def probe(path: str, **times: int) -> dict[str, object]:
    return {"http_get": {"path": path, "port": 7860}, "timeout_seconds": 1, **times}


def probed_service(check: dict[str, object]) -> run_v2.Service:
    container = {"image": IMAGE, "ports": [{"container_port": 7860}], "startup_probe": check}
    return a_service(template={"containers": [container]})


async def newest(cloud: Clients) -> run_v2.Revision:
    service = await demo(cloud)
    return await cloud.revisions.get_revision(name=service.latest_created_revision)


async def test_a_deployment_starts_one_instance_for_its_health_check(cloud: Clients) -> None:
    service = await created(cloud, "other", a_service())
    assert service.terminal_condition.state == SUCCEEDED
    assert said(service) == {"ConfigurationsReady": "SUCCEEDED", "RoutesReady": "SUCCEEDED"}
    revision = await cloud.revisions.get_revision(name=service.latest_ready_revision)
    assert said(revision) == DONE
    started, succeeded = texts(await cloud.entries(SYSTEM))
    assert started.startswith("Starting new instance. Reason: DEPLOYMENT_ROLLOUT - ")
    assert succeeded == (
        'Default STARTUP TCP probe succeeded after 1 attempt for container "other-1" on port 7860.'
    )
    assert (await cloud.http.get(service.uri + "/healthz")).status_code == 200
    assert len(await cloud.entries(SYSTEM)) == 2


async def test_conditions_say_in_words_how_long_things_took(cloud: Clients) -> None:
    service = await created(cloud, "other", a_service())
    revision = await cloud.revisions.get_revision(name=service.latest_ready_revision)
    words = {each.type_: each.message for each in revision.conditions}
    assert words["ContainerReady"].startswith("Container image import completed in 0")
    assert words["ContainerHealthy"].startswith("Containers became healthy in ")
    assert words["Ready"].startswith("Deploying revision succeeded in ")


async def test_a_rollout_can_be_watched(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    ready = probe("/readyz", period_seconds=1, failure_threshold=60)
    async with opened(tmp_path / "state", [*SCRIPTED, "--hold", str(hold)]) as cloud:
        operation = await cloud.services.create_service(
            parent=PARENT, service_id="other", service=probed_service(ready)
        )
        name = f"{PARENT}/services/other"
        async for service in snapshots(cloud, name):
            newest = service.latest_created_revision
            revision = await cloud.revisions.get_revision(name=newest)
            if said(revision).get("ContainerHealthy") == "RECONCILING":
                break
        assert service.reconciling
        assert service.observed_generation < service.generation
        assert service.terminal_condition.state == run_v2.Condition.State.CONDITION_RECONCILING
        assert not service.latest_ready_revision
        assert (await cloud.http.get(service.uri)).status_code == 404
        hold.unlink()
        assert (await ended(cloud, operation)).latest_ready_revision == newest


async def snapshots(cloud: Clients, name: str):  # type: ignore[no-untyped-def]
    while True:
        yield await cloud.services.get_service(name=name)
        await asyncio.sleep(0)


async def test_a_revision_that_does_not_start_leaves_the_old_one_serving(cloud: Clients) -> None:
    before = await demo(cloud)
    cloud.sandbox.faults.begin(Fault.START_FAILS)
    with pytest.raises(exceptions.GoogleAPICallError, match="is not ready and cannot serve"):
        await updated(cloud, with_image(before, IMAGE))
    cloud.sandbox.faults.end(Fault.START_FAILS)
    after = await demo(cloud)
    assert after.terminal_condition.state == FAILED
    assert NOT_LISTENING in after.terminal_condition.message
    assert said(after) == {"ConfigurationsReady": "FAILED", "RoutesReady": "SUCCEEDED"}
    assert after.latest_ready_revision == before.latest_ready_revision
    assert after.latest_created_revision != before.latest_created_revision
    assert (after.observed_generation, after.reconciling) == (after.generation, False)
    revision = await newest(cloud)
    assert (said(revision)["ContainerHealthy"], said(revision)["Ready"]) == ("FAILED", "FAILED")
    assert (await cloud.http.get(cloud.url + "/healthz")).status_code == 200


async def test_an_image_that_is_not_in_the_registry_is_not_found(cloud: Clients) -> None:
    before = await demo(cloud)
    image = before.template.containers[0].image
    wrong = image.replace("/demo@", "/other@")
    with pytest.raises(exceptions.GoogleAPICallError, match=f"Image '{wrong}' not found"):
        await updated(cloud, with_image(before, wrong))
    revision = await newest(cloud)
    (imported,) = (each for each in revision.conditions if each.type_ == "ContainerReady")
    assert imported.reason == run_v2.Condition.CommonReason.CONTAINER_MISSING
    by_tag = image.partition("@")[0] + ":latest"
    assert (await updated(cloud, with_image(await demo(cloud), by_tag))).generation == 3
    assert await cloud.entries('textPayload:"Starting new instance"')


async def test_a_failed_rollout_is_mended_by_the_next(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.START_FAILS)
    with pytest.raises(exceptions.GoogleAPICallError):
        await updated(cloud, with_image(await demo(cloud), IMAGE))
    cloud.sandbox.faults.end(Fault.START_FAILS)
    after = await updated(cloud, with_image(await demo(cloud), "mended"))
    assert after.terminal_condition.state == SUCCEEDED
    assert said(await newest(cloud)) == DONE


async def test_a_service_that_never_started_answers_nothing(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.START_FAILS)
    with pytest.raises(exceptions.GoogleAPICallError):
        await created(cloud, "other", a_service())
    service = await cloud.services.get_service(name=f"{PARENT}/services/other")
    assert said(service) == {"ConfigurationsReady": "FAILED", "RoutesReady": "FAILED"}
    answer = await cloud.http.get(service.uri)
    assert answer.status_code == 404
    assert "Page not found" in answer.text


async def test_a_probe_that_asks_for_a_path_waits_for_its_answer(cloud: Clients) -> None:
    check = probe("/readyz", period_seconds=1, failure_threshold=60)
    await created(cloud, "other", probed_service(check))
    assert texts(await cloud.entries(SYSTEM))[1].startswith("STARTUP HTTP probe succeeded after ")


async def test_a_probe_that_is_never_answered_well_says_what_it_got(cloud: Clients) -> None:
    check = probe("/nothing", period_seconds=1, failure_threshold=1)
    with pytest.raises(exceptions.GoogleAPICallError, match="configured startup probe checks"):
        await created(cloud, "other", probed_service(check))
    assert texts(await cloud.entries(SYSTEM))[1].startswith(
        'STARTUP HTTP probe failed 1 time consecutively for container "other-1" on port 7860 path '
        '"/nothing". The instance was not started.\nHTTP request returned status 404 Not Found.'
    )


async def test_a_health_check_that_is_not_wanted_starts_nothing(cloud: Clients) -> None:
    template = {"containers": [{"image": IMAGE}], "health_check_disabled": True}
    service = await created(cloud, "other", a_service(template=template))
    assert service.terminal_condition.state == SUCCEEDED
    assert await cloud.entries(SYSTEM) == []


async def test_least_instances_are_warm_before_the_traffic_comes(cloud: Clients) -> None:
    template = {
        "containers": [{"image": IMAGE}],
        "scaling": {"min_instance_count": 2, "max_instance_count": 2},
    }
    service = await created(cloud, "other", a_service(template=template))
    revision = await cloud.revisions.get_revision(name=service.latest_ready_revision)
    assert said(revision) == DONE | {"MinInstancesProvisioned": "SUCCEEDED"}
    started = texts(await cloud.entries('textPayload:"Starting new instance"'))
    assert [text.split(" - ")[0].rpartition(" ")[2] for text in started] == [
        "DEPLOYMENT_ROLLOUT",
        "MANUAL_OR_CUSTOMER_MIN_INSTANCE",
    ]


async def test_an_old_revision_is_retired_when_the_new_one_serves(cloud: Clients) -> None:
    old = (await demo(cloud)).latest_ready_revision
    await cloud.http.get(cloud.url + "/healthz")
    await updated(cloud, with_image(await demo(cloud), IMAGE))
    revision = await cloud.revisions.get_revision(name=old)
    (active,) = (each for each in revision.conditions if each.type_ == "Active")
    assert (active.state, active.message) == (FAILED, "Revision retired.")
    assert active.revision_reason == run_v2.Condition.RevisionReason.RETIRED
    async with cloud.tail(f'{SYSTEM} AND resource.labels.revision_name="{short(old)}"') as lines:
        while not exits(texts(await cloud.entries(SYSTEM))):
            await anext(aiter(lines))


def exits(lines: Sequence[str]) -> bool:
    return "Container called exit(0)." in lines


async def test_a_newer_change_takes_the_place_of_one_under_way(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    ready = probe("/readyz", period_seconds=1, failure_threshold=60)
    async with opened(tmp_path / "state", [*SCRIPTED, "--hold", str(hold)]) as cloud:
        first = await cloud.services.create_service(
            parent=PARENT, service_id="other", service=probed_service(ready)
        )
        service = await cloud.services.get_service(name=f"{PARENT}/services/other")
        quick = with_image(service, IMAGE)
        quick.template.containers[0].startup_probe = None
        after = await updated(cloud, quick)
        assert after.terminal_condition.state == SUCCEEDED
        with pytest.raises(exceptions.GoogleAPICallError, match="superseded"):
            await ended(cloud, first)


async def test_traffic_is_split_by_percent_and_reached_by_tag(cloud: Clients) -> None:
    old = short((await demo(cloud)).latest_ready_revision)
    await updated(cloud, with_image(await demo(cloud), IMAGE))
    service = await demo(cloud)
    service.traffic = [
        {"type_": LATEST, "percent": 0, "tag": "next"},
        {"type_": BY_NAME, "revision": old, "percent": 100},
    ]
    after = await updated(cloud, service, "traffic")
    new = short(after.latest_ready_revision)
    tagged, own = after.traffic_statuses
    assert (tagged.tag, own.revision, own.percent) == ("next", old, 100)
    assert (await cloud.http.get(cloud.url + "/healthz")).status_code == 200
    assert (await cloud.http.get(tagged.uri + "/healthz")).status_code == 200
    answered = await cloud.entries('log_id("run.googleapis.com/requests")')
    revisions = [entry.resource.labels["revision_name"] for entry in answered]
    assert revisions == [old, new]


async def test_a_share_of_the_requests_goes_to_each_revision(tmp_path: Path) -> None:
    async with opened(tmp_path, chance=iter([0.1, 0.6, 0.2, 0.9]).__next__) as cloud:
        old = short((await demo(cloud)).latest_ready_revision)
        await updated(cloud, with_image(await demo(cloud), IMAGE))
        service = await demo(cloud)
        service.traffic = [
            {"type_": BY_NAME, "revision": old, "percent": 50},
            {"type_": LATEST, "percent": 50},
        ]
        new = short((await updated(cloud, service, "traffic")).latest_ready_revision)
        for _ in range(4):
            assert (await cloud.http.get(cloud.url + "/healthz")).status_code == 200
        answered = await cloud.entries('log_id("run.googleapis.com/requests")')
        revisions = [entry.resource.labels["revision_name"] for entry in answered]
        assert revisions == [old, new, old, new]


async def test_a_service_scaled_to_none_by_hand_answers_no_one(cloud: Clients) -> None:
    service = await demo(cloud)
    service.scaling = {"scaling_mode": "MANUAL", "manual_instance_count": 0}
    await updated(cloud, service, "scaling")
    assert (await cloud.http.get(cloud.url + "/healthz")).status_code == 503
    service = await demo(cloud)
    service.scaling = {"scaling_mode": "MANUAL", "manual_instance_count": 1}
    await updated(cloud, service, "scaling")
    assert (await cloud.http.get(cloud.url + "/healthz")).status_code == 200
    (started,) = texts(await cloud.entries('textPayload:"Starting new instance"'))
    assert "MANUAL_OR_CUSTOMER_MIN_INSTANCE" in started


async def test_an_address_can_be_switched_off(cloud: Clients) -> None:
    url = cloud.url
    service = await demo(cloud)
    service.default_uri_disabled = True
    assert (await updated(cloud, service, "default_uri_disabled")).uri == ""
    with pytest.raises(Exception, match="connect"):
        await cloud.http.get(url)
    service = await demo(cloud)
    service.default_uri_disabled = False
    assert (await updated(cloud, service, "default_uri_disabled")).uri == url


async def test_a_quota_that_is_used_up_refuses_a_deployment(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.QUOTA_REFUSED)
    with pytest.raises(exceptions.FailedPrecondition, match="Quota violated"):
        await updated(cloud, with_image(await demo(cloud), IMAGE))
    cloud.sandbox.faults.end(Fault.QUOTA_REFUSED)
    assert (await updated(cloud, with_image(await demo(cloud), IMAGE))).generation == 2
