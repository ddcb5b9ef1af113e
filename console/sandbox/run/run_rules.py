"""What Cloud Run makes of a service that is asked for: defaults, and what it refuses.

Sources: google.cloud.run.v2 (defaults), https://cloud.google.com/run/docs/configuring (limits);
texts as the real interface words them, where they are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

import grpc
from google.api import launch_stage_pb2
from google.cloud.run_v2.types import ExecutionEnvironment, IngressTraffic, Service
from google.iam.v1 import policy_pb2
from google.protobuf import field_mask_pb2

from console.sandbox.faults import Fault, Faults
from console.sandbox.project.projects import NUMBER
from console.sandbox.run.quota_rules import check_quotas
from console.sandbox.run.refused import Refused, invalid
from console.sandbox.run.services import LATEST, Deployment, last_part
from console.sandbox.run.shape_rules import check_container

NAME: Final = re.compile(r"[a-z]([a-z0-9-]{0,47}[a-z0-9])?")
_SPECIFIED: Final = (
    "description",
    "labels",
    "annotations",
    "client",
    "client_version",
    "ingress",
    "launch_stage",
    "template",
    "traffic",
    "scaling",
    "invoker_iam_disabled",
    "default_uri_disabled",
    "iap_enabled",
    "custom_audiences",
)
_TOLD: Final = ("client", "client_version")
_RESERVED: Final = re.compile(
    r"(?:[\w.-]+\.)?(?:run\.googleapis\.com|cloud\.googleapis\.com|serving\.knative\.dev|"
    r"autoscaling\.knative\.dev)/.*"
)
_RUNTIME: Final = f"{NUMBER}-compute@developer.gserviceaccount.com"
_LONGEST_TIMEOUT: Final = 3_600
_MEMBER: Final = re.compile(r"allUsers|allAuthenticatedUsers|[a-zA-Z]+:\S+")

_EVERYBODY: Final = ("allUsers", "allAuthenticatedUsers")
_FORBIDDEN: Final = (
    "One or more users named in the policy do not belong to a permitted customer,  perhaps due to "
    "an organization policy."
)


def identifier(text: str) -> str:
    """Return the name of a new service; raises `Refused`."""
    if NAME.fullmatch(text) is None:
        raise invalid(
            f"Violation in CreateServiceRequest.service_id: '{text}' must use only lowercase "
            "alphanumeric characters and dashes, must begin with a letter, cannot end with a dash, "
            "and must be shorter than 50 characters."
        )
    return text


def specified(before: Service, asked: Service, paths: tuple[str, ...] = ()) -> Service:
    """Return `before` with what is asked for, or only the fields that `paths` name; with defaults.

    What only Google may set is left as it is. Raises `Refused`.
    """
    service = Service()
    target = Service.pb(service)
    target.CopyFrom(Service.pb(before))
    wanted = field_mask_pb2.FieldMask(paths=_wanted(paths, target))
    wanted.MergeMessage(
        Service.pb(asked), target, replace_message_field=True, replace_repeated_field=True
    )
    for label in (*asked.labels, *asked.annotations):
        if _RESERVED.fullmatch(label):
            raise invalid(
                f"Invalid label or annotation '{label}': names of this kind are reserved; use the "
                "field of the resource that stands for it."
            )
    _complete(service)
    return service


def _wanted(paths: tuple[str, ...], target: Any) -> list[str]:
    if not paths or "*" in paths:
        return list(_SPECIFIED)
    mask = field_mask_pb2.FieldMask(paths=paths)
    if not mask.IsValidForDescriptor(target.DESCRIPTOR):
        raise invalid(f"Invalid update_mask: {', '.join(paths)}.")
    return [path for path in paths if path.partition(".")[0] in _SPECIFIED]


def _complete(service: Service) -> None:
    """Fill in what Google fills in."""
    template = service.template
    service.ingress = service.ingress or IngressTraffic.INGRESS_TRAFFIC_ALL
    service.launch_stage = service.launch_stage or launch_stage_pb2.LaunchStage.GA
    if not service.traffic:
        service.traffic = [{"type_": LATEST, "percent": 100}]
    for share in service.traffic:
        if not share.type_:
            share.type_ = 2 if share.revision else LATEST
        share.revision = last_part(share.revision)
    template.timeout = template.timeout or timedelta(seconds=300)
    template.service_account = template.service_account or _RUNTIME
    template.execution_environment = (
        template.execution_environment or ExecutionEnvironment.EXECUTION_ENVIRONMENT_GEN2
    )
    _complete_containers(template)
    limits = template.containers[0].resources.limits if template.containers else {}
    small = str(limits.get("cpu", "1")).endswith("m") and limits["cpu"] != "1000m"
    template.max_instance_request_concurrency = template.max_instance_request_concurrency or (
        1 if small else 80
    )


def _complete_containers(template: Any) -> None:
    for container in template.containers:
        raw = type(container).pb(container)
        if not raw.HasField("resources"):
            container.resources.cpu_idle = True
        container.resources.limits.setdefault("cpu", "1000m")
        container.resources.limits.setdefault("memory", "512Mi")
        for port in container.ports:
            port.name = port.name or "http1"
    if len(template.containers) == 1 and not template.containers[0].ports:
        template.containers[0].ports = [{"name": "http1", "container_port": 8080}]


def same_specification(one: Service, other: Service) -> bool:
    """Whether two services ask for the same."""
    return all(getattr(one, field) == getattr(other, field) for field in _SPECIFIED)


def needs_revision(deployment: Deployment, before: Service) -> bool:
    """Whether a changed service needs a new revision; raises `Refused` where its name is taken."""
    template = deployment.service.template
    if template == before.template:
        return False
    if template.revision and deployment.revision(template.revision) is not None:
        raise Refused(
            grpc.StatusCode.ALREADY_EXISTS,
            f"Revision named '{template.revision}' with different configuration already exists.",
        )
    return True


def check(deployment: Deployment, faults: Faults) -> None:
    """Refuse a service that Google would refuse; raises `Refused`."""
    service = deployment.service
    template = service.template
    if not template.containers:
        raise invalid("template.containers: At least one container is required.")
    if sum(bool(each.ports) for each in template.containers) != 1:
        raise invalid("template.containers: Exactly one container must have a port.")
    for number, container in enumerate(template.containers):
        check_container(f"template.containers[{number}]", container, template)
    seconds = template.timeout.total_seconds()
    if not 0 < seconds <= _LONGEST_TIMEOUT:
        raise invalid(f"template.timeout: must be between 1s and {_LONGEST_TIMEOUT}s inclusive.")
    if not 0 <= template.max_instance_request_concurrency <= 1_000:
        raise invalid(
            "template.max_instance_request_concurrency: must be between 0 and 1000 inclusive."
        )
    _check_name(deployment)
    _check_scaling(service)
    _check_traffic(deployment)
    check_quotas(service, faults)


def _check_name(deployment: Deployment) -> None:
    name, prefix = deployment.service.template.revision, f"{last_part(deployment.service.name)}-"
    if name and (
        not name.startswith(prefix) or len(name) > 63 or not re.fullmatch(r"[a-z0-9-]+", name)
    ):
        raise invalid(
            f"template.revision: Revision name '{name}' must be prefixed by '{prefix}', use only "
            "lowercase alphanumeric characters and dashes, and be shorter than 64 characters."
        )


def _check_scaling(service: Service) -> None:
    for place, scaling in (
        ("scaling", service.scaling),
        ("template.scaling", service.template.scaling),
    ):
        least, most = scaling.min_instance_count, scaling.max_instance_count
        if least < 0 or most < 0:
            raise invalid(f"{place}: Instance counts cannot be negative.")
        if most and least > most:
            raise invalid(
                f"{place}: min_instance_count must be less than or equal to max_instance_count."
            )
    if service.scaling.manual_instance_count < 0:
        raise invalid("scaling: Instance counts cannot be negative.")


def _check_traffic(deployment: Deployment) -> None:
    traffic = deployment.service.traffic
    total = sum(share.percent for share in traffic)
    if total != 100 or any(not 0 <= share.percent <= 100 for share in traffic):
        raise invalid(f"traffic: Percentages must sum to 100, but they sum to {total}.")
    tags = [share.tag for share in traffic if share.tag]
    if len(set(tags)) < len(tags) or not all(map(NAME.fullmatch, tags)):
        raise invalid("traffic: Tags must be unique, of lowercase letters, digits and dashes.")
    coming = deployment.service.template.revision
    for share in traffic:
        known = deployment.revision(share.revision) is not None or share.revision == coming
        if share.type_ != LATEST and not (share.revision and known):
            raise invalid(f"traffic: Revision '{share.revision}' was not found.")


def check_policy(
    policy: policy_pb2.Policy, faults: Faults, knows_account: Callable[[str], bool]
) -> None:
    """Refuse a policy that cannot be; raises `Refused`."""
    for role, member in _members(policy):
        if not role.startswith(("roles/", "projects/", "organizations/")):
            raise invalid(f"Role {role} is not supported for this resource.")
        if _MEMBER.fullmatch(member) is None:
            raise invalid(f"Invalid member: {member}")
        if member in _EVERYBODY and Fault.PUBLIC_FORBIDDEN in faults:
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, _FORBIDDEN)
        kind, _, address = member.partition(":")
        if kind == "serviceAccount" and not knows_account(address):
            raise invalid(f"Service account {address} does not exist.")


def _members(policy: policy_pb2.Policy) -> Iterator[tuple[str, str]]:
    for binding in policy.bindings:
        for member in binding.members:
            yield binding.role, member
