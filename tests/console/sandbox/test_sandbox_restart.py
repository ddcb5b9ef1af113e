"""A sandbox that is closed and opened again knows everything it knew."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import httpx
from deploying import PARENT, SUCCEEDED, a_service, created, demo, ended, updated
from google.iam.v1 import iam_policy_pb2, policy_pb2
from google.longrunning.operations_pb2 import GetOperationRequest, WaitOperationRequest
from open_sandbox import opened
from running_session import SCRIPTED

from console.sandbox.run.demo_service import DEMO


async def test_services_policies_and_addresses_are_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        made = await created(cloud, "other", a_service(labels={"a": "b"}))
        policy = policy_pb2.Policy()
        policy.bindings.add(role="roles/run.invoker", members=["allUsers"])
        request = iam_policy_pb2.SetIamPolicyRequest(resource=DEMO.resource, policy=policy)
        set_to = await cloud.services.set_iam_policy(request)
        url = cloud.url
    async with opened(tmp_path) as cloud:
        assert cloud.url == url
        again = await cloud.services.get_service(name=made.name)
        assert again == made
        asked = iam_policy_pb2.GetIamPolicyRequest(resource=DEMO.resource)
        assert await cloud.services.get_iam_policy(asked) == set_to
        assert (await cloud.http.get(again.uri + "/healthz")).status_code == 200


async def test_an_address_that_somebody_else_took_is_replaced(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        port = httpx.URL(cloud.url).port
    with socket.create_server(("127.0.0.1", port)):
        async with opened(tmp_path) as cloud:
            assert httpx.URL(cloud.url).port != port
            assert (await demo(cloud)).uri == cloud.url
            assert (await cloud.http.get(cloud.url + "/healthz")).status_code == 200


async def test_a_rollout_under_way_goes_on(tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    check = {"http_get": {"path": "/readyz"}, "period_seconds": 1, "failure_threshold": 60}
    container = {"image": "engine", "ports": [{"container_port": 7860}], "startup_probe": check}
    slow = a_service(template={"containers": [container]})
    state, name = tmp_path / "state", f"{PARENT}/services/other"
    async with opened(state, [*SCRIPTED, "--hold", str(hold)]) as cloud:
        begun = await cloud.services.create_service(parent=PARENT, service_id="other", service=slow)
        operation = begun.operation.name
    hold.unlink()
    async with opened(state) as cloud:
        await cloud.services.wait_operation(WaitOperationRequest(name=operation))
        done = await cloud.services.get_operation(GetOperationRequest(name=operation))
        assert done.done
        assert not done.error.message
        service = await cloud.services.get_service(name=name)
        assert service.terminal_condition.state == SUCCEEDED


async def test_a_deleted_service_stays_deleted(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        await ended(cloud, await cloud.services.delete_service(name=DEMO.resource))
    async with opened(tmp_path) as cloud:
        assert [one async for one in await cloud.services.list_services(parent=PARENT)] == []


async def test_a_deletion_that_was_broken_off_has_happened(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        begun = await cloud.services.delete_service(name=DEMO.resource)
        name = begun.operation.name
    async with opened(tmp_path) as cloud:
        done = await cloud.services.get_operation(GetOperationRequest(name=name))
        assert done.done


async def test_state_of_an_older_version_is_read(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        service = await demo(cloud)
    path = tmp_path / "services.json"
    (deployment,) = json.loads(path.read_text())["deployments"]
    older = {key: deployment[key] for key in ("service", "revisions")}
    path.write_text(json.dumps({"deployments": [older]}))
    async with opened(tmp_path) as cloud:
        after = await demo(cloud)
        assert after.uri == cloud.url
        assert after.latest_ready_revision == service.latest_ready_revision


async def test_a_change_is_written_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        service = await demo(cloud)
        service.description = "kept"
        await updated(cloud, service)
        assert "kept" in (tmp_path / "services.json").read_text()
