"""Who may call a service, written into its policy; the rest of which stays as it is.

Source: https://cloud.google.com/iam/docs/granting-changing-revoking-access (read, modify, write).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from google.api_core import exceptions as google
from google.cloud.run_v2 import ServicesAsyncClient
from google.iam.v1 import iam_policy_pb2, options_pb2, policy_pb2

from console.language import tr
from console.model.access import CALLING_ROLES, Policy
from console.model.service import ServiceName
from console.sources.base import Overtaken
from console.sources.deploying.run_reading import ANSWER_SECONDS, about
from console.sources.google_errors import refusals
from console.terminal.sanitise import sanitise

INVOKER: Final = "roles/run.invoker"
_CONDITIONAL: Final = 3
"""The first version of policies that has conditions."""
_ATTEMPTS: Final = 4


def plain_callers(policy: Policy) -> frozenset[str]:
    """Return who may call by a role that is for nothing else, and under no condition."""
    return frozenset(
        str(member)
        for grant in policy.grants
        if grant.role in CALLING_ROLES and grant.condition is None
        for member in grant.members
    )


async def set_callers(
    services: ServicesAsyncClient, name: ServiceName, members: Collection[str]
) -> None:
    """Let exactly these members call, and leave other roles and conditions alone.

    Raises `SourceError`: `Overtaken` if others change the policy again and again.
    """
    for _ in range(_ATTEMPTS):
        policy = await _policy(services, name)
        if not _put(policy, members):
            return
        request = iam_policy_pb2.SetIamPolicyRequest(resource=name.resource, policy=policy)
        with refusals(
            about(
                tr("set who may call service {service}", service=name),
                name,
                "run.services.setIamPolicy",
            )
        ):
            try:
                await services.set_iam_policy(request, retry=None, timeout=ANSWER_SECONDS)
            except google.Aborted:
                continue
        return
    raise Overtaken(
        sanitise(
            tr(
                "who may call {service} is being changed by somebody else; try again in a while",
                service=name,
            )
        )
    )


async def _policy(services: ServicesAsyncClient, name: ServiceName) -> policy_pb2.Policy:
    request = iam_policy_pb2.GetIamPolicyRequest(
        resource=name.resource,
        options=options_pb2.GetPolicyOptions(requested_policy_version=_CONDITIONAL),
    )
    with refusals(
        about(
            tr("read who may call service {service}", service=name),
            name,
            "run.services.getIamPolicy",
        )
    ):
        found: policy_pb2.Policy = await services.get_iam_policy(
            request, retry=None, timeout=ANSWER_SECONDS
        )
    return found


def _put(policy: policy_pb2.Policy, members: Collection[str]) -> bool:
    """Put the callers into a policy; say whether that changes anything."""
    calling = [each for each in policy.bindings if _lets_call(each)]
    if {member for each in calling for member in each.members} == set(members):
        return False
    kept = [each for each in policy.bindings if not _lets_call(each)]
    del policy.bindings[:]
    policy.bindings.extend(kept)
    if members:
        policy.bindings.add(role=INVOKER, members=sorted(set(members)))
    policy.version = max(policy.version, _CONDITIONAL if any(map(_conditional, kept)) else 1)
    return True


def _lets_call(binding: Any) -> bool:
    return binding.role in CALLING_ROLES and not _conditional(binding)


def _conditional(binding: Any) -> bool:
    return bool(binding.HasField("condition"))
