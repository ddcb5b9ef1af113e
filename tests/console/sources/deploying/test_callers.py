"""Who may call is written into the policy of a service, the rest of which stays as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import grpc.aio
import pytest
from cloud_of_sandbox import Joined
from google.cloud.run_v2 import ServicesAsyncClient
from google.iam.v1 import iam_policy_pb2, policy_pb2
from google.type import expr_pb2

from console.model.access import EVERYBODY, Grant, Policy
from console.model.text import SafeText
from console.sandbox.cloud import DEMO
from console.sandbox.faults import Fault
from console.sources.base import Denied, SourceError
from console.sources.deploying.callers import set_callers

INVOKER = SafeText("roles/run.invoker")
ALICE, BOB = "user:alice@sandbox.test", "user:bob@sandbox.test"
EVENINGS = expr_pb2.Expr(title="evenings", expression="request.time.getHours() > 18")


def callers(*members: str) -> Policy:
    return Policy((Grant(INVOKER, tuple(map(SafeText, members))),))


def others() -> policy_pb2.Policy:
    """Return a policy with a role of another kind, and one under a condition."""
    policy = policy_pb2.Policy(version=3)
    policy.bindings.add(role="roles/run.viewer", members=[ALICE])
    policy.bindings.add(role=INVOKER, members=[BOB], condition=EVENINGS)
    return policy


@asynccontextmanager
async def client_of(joint: Joined) -> AsyncIterator[ServicesAsyncClient]:
    kind = ServicesAsyncClient.get_transport_class("grpc_asyncio")
    async with grpc.aio.insecure_channel(joint.sandbox.endpoints.run) as channel:
        yield ServicesAsyncClient(transport=kind(channel=channel))


async def set_by_hand(client: ServicesAsyncClient, policy: policy_pb2.Policy) -> None:
    request = iam_policy_pb2.SetIamPolicyRequest(resource=DEMO.resource, policy=policy)
    await client.set_iam_policy(request)


async def told(joint: Joined) -> list[tuple[str, tuple[str, ...], str | None]]:
    policy = await joint.cloud.services.policy(DEMO)
    return [(each.role, each.members, each.condition) for each in policy.grants]


async def test_exactly_those_may_call_and_other_roles_stay(joint: Joined) -> None:
    async with client_of(joint) as client:
        await set_by_hand(client, others())
    kept = [("roles/run.viewer", (ALICE,), None), (INVOKER, (BOB,), "evenings")]

    services = joint.deploying.services
    await services.set_callers(DEMO, callers(BOB, ALICE))
    assert await told(joint) == [*kept, (INVOKER, (ALICE, BOB), None)]

    await services.set_callers(DEMO, callers(ALICE))
    assert await told(joint) == [*kept, (INVOKER, (ALICE,), None)]

    await services.set_callers(DEMO, Policy())
    assert await told(joint) == kept


async def test_what_is_so_already_is_not_written_again(joint: Joined) -> None:
    services = joint.deploying.services
    await services.set_callers(DEMO, callers(ALICE))
    joint.faults.begin(Fault.CHANGES_DENIED)
    await services.set_callers(DEMO, callers(ALICE))
    with pytest.raises(Denied, match=r"run\.services\.setIamPolicy is missing; have roles/run"):
        await services.set_callers(DEMO, callers(BOB))


async def test_whether_callers_are_checked_is_left_to_the_settings(joint: Joined) -> None:
    """The first service of the sandbox lets everybody call by not checking at all."""
    services = joint.deploying.services
    await services.set_callers(DEMO, callers(ALICE))
    before = await joint.seen(DEMO)
    assert before.settings.callers_unchecked

    settings = replace(before.settings, callers_unchecked=False)
    assert await joint.rolled_out(await services.deploy(DEMO, settings)) == ""
    assert not (await joint.seen(DEMO)).facts.invoker_iam_disabled


async def test_an_organisation_that_forbids_the_public_is_told_in_its_words(
    joint: Joined,
) -> None:
    joint.faults.begin(Fault.PUBLIC_FORBIDDEN)
    with pytest.raises(SourceError, match="do not belong to a permitted customer"):
        await joint.deploying.services.set_callers(DEMO, callers(EVERYBODY))
    assert await told(joint) == []


async def test_a_change_by_somebody_else_meanwhile_is_kept(joint: Joined) -> None:
    async with client_of(joint) as client:
        read = client.get_iam_policy

        async def overtaken(request: object, **how: object) -> policy_pb2.Policy:
            """Read the policy, which somebody changes right after, once."""
            found: policy_pb2.Policy = await read(request, **how)
            client.get_iam_policy = read
            await set_by_hand(client, others())
            return found

        client.get_iam_policy = overtaken
        await set_callers(client, DEMO, {ALICE})

    assert [each[0] for each in await told(joint)] == ["roles/run.viewer", INVOKER, INVOKER]
