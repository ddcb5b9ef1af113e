"""Who may send requests to a service, by its policy and by tokens of the metadata server."""

from __future__ import annotations

import httpx
import pytest
from deploying import PARENT, demo, updated
from google.api_core import exceptions
from google.iam.v1 import iam_policy_pb2, policy_pb2
from open_sandbox import Clients

from console.sandbox.faults import Fault
from console.sandbox.moments import read
from console.sandbox.run.demo_service import DEMO, OPERATOR
from console.sandbox.run.identity import Identities

IDENTITY = "/computeMetadata/v1/instance/service-accounts/default/identity"
FLAVOR = {"Metadata-Flavor": "Google"}
NOON = "2026-01-01T12:00:00Z"


async def make_private(cloud: Clients) -> None:
    service = await demo(cloud)
    service.invoker_iam_disabled = False
    await updated(cloud, service, "invoker_iam_disabled")


async def allow(cloud: Clients, *members: str) -> policy_pb2.Policy:
    policy = policy_pb2.Policy()
    policy.bindings.add(role="roles/run.invoker", members=members)
    request = iam_policy_pb2.SetIamPolicyRequest(resource=DEMO.resource, policy=policy)
    return await cloud.services.set_iam_policy(request)


async def metadata(cloud: Clients, **asked: object) -> httpx.Response:
    return await cloud.http.get(f"http://{cloud.sandbox.endpoints.http}{IDENTITY}", **asked)


async def answer(cloud: Clients, token: str = "") -> httpx.Response:
    headers = {"authorization": f"Bearer {token}".encode("latin-1")} if token else {}
    return await cloud.http.get(cloud.url + "/healthz", headers=headers)


async def test_a_private_service_forbids_who_says_nothing(cloud: Clients) -> None:
    await make_private(cloud)
    refused = await answer(cloud)
    assert refused.status_code == 403
    assert "Your client does not have permission to get URL <code>/healthz</code>" in refused.text
    (entry,) = await cloud.entries('log_id("run.googleapis.com/requests")')
    assert entry.text_payload.startswith("The request was not authenticated.")
    assert not entry.labels
    assert await cloud.entries("jsonPayload.event=port_open") == []


async def test_a_token_that_is_worth_nothing_is_unauthorized(cloud: Clients) -> None:
    await make_private(cloud)
    for token in ("x", "a.b.c", "é"):
        refused = await answer(cloud, token)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


async def test_a_token_for_the_service_lets_the_operator_pass(cloud: Clients) -> None:
    await make_private(cloud)
    given = await metadata(cloud, params={"audience": cloud.url}, headers=FLAVOR)
    assert given.headers["metadata-flavor"] == "Google"
    assert (await answer(cloud, given.text)).status_code == 200


async def test_a_token_for_another_address_does_not(cloud: Clients) -> None:
    await make_private(cloud)
    given = await metadata(cloud, params={"audience": "http://other"}, headers=FLAVOR)
    assert (await answer(cloud, given.text)).status_code == 401


async def test_the_metadata_server_answers_only_who_asks_properly(cloud: Clients) -> None:
    assert (await metadata(cloud, params={"audience": "a"})).status_code == 403
    assert (await metadata(cloud, headers=FLAVOR)).status_code == 400


@pytest.mark.parametrize("member", ["allUsers", "allAuthenticatedUsers"])
async def test_a_policy_lets_others_in(cloud: Clients, member: str) -> None:
    await make_private(cloud)
    given = await metadata(cloud, params={"audience": cloud.url}, headers=FLAVOR)
    policy = await allow(cloud, member)
    token = "" if member == "allUsers" else given.text
    assert (await answer(cloud, token)).status_code == 200
    asked = iam_policy_pb2.GetIamPolicyRequest(resource=DEMO.resource)
    assert await cloud.services.get_iam_policy(asked) == policy


async def test_a_policy_that_somebody_else_changed_is_not_overwritten(cloud: Clients) -> None:
    before = await allow(cloud, "allUsers")
    await allow(cloud, f"user:{OPERATOR}")
    request = iam_policy_pb2.SetIamPolicyRequest(resource=DEMO.resource, policy=before)
    with pytest.raises(exceptions.Aborted, match="concurrent policy changes"):
        await cloud.services.set_iam_policy(request)


async def test_a_member_that_cannot_be_is_refused(cloud: Clients) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="Invalid member: everybody"):
        await allow(cloud, "everybody")


async def test_the_owner_of_the_project_has_every_permission(cloud: Clients) -> None:
    asked = iam_policy_pb2.TestIamPermissionsRequest(
        resource=DEMO.resource, permissions=["run.services.delete", "run.routes.invoke"]
    )
    given = await cloud.services.test_iam_permissions(asked)
    assert list(given.permissions) == list(asked.permissions)


async def test_nobody_has_permissions_on_what_is_not_there(cloud: Clients) -> None:
    asked = iam_policy_pb2.TestIamPermissionsRequest(
        resource=f"{PARENT}/services/other", permissions=["run.services.delete"]
    )
    assert list((await cloud.services.test_iam_permissions(asked)).permissions) == []


async def test_a_service_that_is_not_for_outside_is_not_found(cloud: Clients) -> None:
    service = await demo(cloud)
    service.ingress = "INGRESS_TRAFFIC_INTERNAL_ONLY"
    await updated(cloud, service, "ingress")
    assert (await answer(cloud)).status_code == 404


async def test_a_network_that_is_down_breaks_what_is_answered_and_lets_nothing_in(
    cloud: Clients,
) -> None:
    url, body = cloud.url + "/v1/images/generations", {"prompt": "stall", "stream": True}
    async with cloud.http.stream("POST", url, json=body) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        cloud.sandbox.faults.begin(Fault.NETWORK_DOWN)
        with pytest.raises(httpx.TransportError):
            async for _ in lines:
                pass
    with pytest.raises(httpx.TransportError):
        await answer(cloud)
    cloud.sandbox.faults.end(Fault.NETWORK_DOWN)
    assert (await answer(cloud)).status_code == 200


def test_a_token_ends_after_an_hour() -> None:
    early = Identities(b"key", lambda: read(NOON))
    late = Identities(b"key", lambda: read("2026-01-01T13:00:00Z"))
    token = early.token("a")
    assert early.holder(token, ["a"]) == OPERATOR
    assert late.holder(token, ["a"]) is None


def test_a_token_of_another_cloud_is_worth_nothing() -> None:
    token = Identities(b"other", lambda: read(NOON)).token("a")
    assert Identities(b"key", lambda: read(NOON)).holder(token, ["a"]) is None
