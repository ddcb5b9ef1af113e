"""What is deployed: services and revisions as the Admin API describes them, kept in a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from google.api import launch_stage_pb2
from google.cloud.run_v2.types import (
    Condition,
    Container,
    ContainerPort,
    EnvVar,
    ExecutionEnvironment,
    IngressTraffic,
    ResourceRequirements,
    Revision,
    RevisionScaling,
    RevisionTemplate,
    Service,
    ServiceScaling,
    TrafficTarget,
    TrafficTargetAllocationType,
    TrafficTargetStatus,
)
from google.protobuf import json_format

from console.model.service import ServiceName
from console.paths import write_atomically

PORT: Final = 7860
MAX_INSTANCES: Final = 1
CONCURRENCY: Final = 8
TIMEOUT_SECONDS: Final = 300
OPERATOR: Final = "operator@sandbox.test"
LATEST: Final = TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST


class BadState(Exception):
    """The state directory cannot be used; one line that says why, and the mend."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A service, its revisions, and the one of them that gets the requests."""

    service: Service
    revisions: tuple[Revision, ...]

    @property
    def name(self) -> ServiceName:
        """Which service it is."""
        return ServiceName.parse(self.service.name)

    @property
    def serving(self) -> Revision:
        """The revision that gets the requests."""
        ready = self.service.latest_ready_revision
        return next(each for each in self.revisions if each.name == ready)


def load(path: Path) -> tuple[Deployment, ...] | None:
    """Read what was saved; None when nothing was. Raises `BadState`."""
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
        deployments = tuple(
            Deployment(
                Service.from_json(json.dumps(each["service"])),
                tuple(Revision.from_json(json.dumps(one)) for one in each["revisions"]),
            )
            for each in saved["deployments"]
        )
        for each in deployments:
            _ = each.name, each.serving
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadState(f"the sandbox cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, StopIteration, json_format.ParseError):
        raise BadState(
            f"the sandbox does not understand {path}: it is damaged or of another version; "
            "delete it to begin anew"
        ) from None
    return deployments


def save(path: Path, deployments: Iterable[Deployment]) -> None:
    """Keep `deployments`; raises `BadState`."""
    saved = [
        {
            "service": json.loads(Service.to_json(each.service)),
            "revisions": [json.loads(Revision.to_json(one)) for one in each.revisions],
        }
        for each in deployments
    ]
    text = json.dumps({"deployments": saved}, indent=1) + "\n"
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise BadState(f"the sandbox cannot write {path}: {error.strerror}") from None


def demo_deployment(name: ServiceName, now: datetime, new_hex: Callable[[int], str]) -> Deployment:
    """Return the service that the sandbox begins with: deployed, ready, and at zero."""
    image = f"{name.region}-docker.pkg.dev/{name.project}/z-image/demo@sha256:{new_hex(32)}"
    revision = f"{name.service}-00001-{new_hex(2)[:3]}"
    template = _template(f"{name.service}-1", image, name.project)
    service = Service(
        name=name.resource,
        uid=new_hex(16),
        generation=1,
        observed_generation=1,
        create_time=now,
        update_time=now,
        creator=OPERATOR,
        last_modifier=OPERATOR,
        ingress=IngressTraffic.INGRESS_TRAFFIC_ALL,
        launch_stage=launch_stage_pb2.LaunchStage.GA,
        template=template,
        scaling=ServiceScaling(max_instance_count=MAX_INSTANCES),
        traffic=[TrafficTarget(type_=LATEST, percent=100)],
        traffic_statuses=[TrafficTargetStatus(type_=LATEST, percent=100)],
        invoker_iam_disabled=True,
        terminal_condition=_met("Ready", now),
        conditions=[_met("RoutesReady", now), _met("ConfigurationsReady", now)],
        latest_ready_revision=f"{name.resource}/revisions/{revision}",
        latest_created_revision=f"{name.resource}/revisions/{revision}",
        etag=f'"{new_hex(8)}"',
    )
    return Deployment(service, (_revision(service, now, new_hex),))


def _template(container: str, image: str, project: str) -> RevisionTemplate:
    return RevisionTemplate(
        scaling=RevisionScaling(max_instance_count=MAX_INSTANCES),
        timeout=timedelta(seconds=TIMEOUT_SECONDS),
        service_account=f"z-image@{project}.iam.gserviceaccount.com",
        execution_environment=ExecutionEnvironment.EXECUTION_ENVIRONMENT_GEN2,
        max_instance_request_concurrency=CONCURRENCY,
        containers=[
            Container(
                name=container,
                image=image,
                env=[EnvVar(name="GOOGLE_CLOUD_PROJECT", value=project)],
                ports=[ContainerPort(name="http1", container_port=PORT)],
                resources=ResourceRequirements(
                    limits={"cpu": "4", "memory": "16Gi"}, cpu_idle=True, startup_cpu_boost=True
                ),
            )
        ],
    )


def _revision(service: Service, now: datetime, new_hex: Callable[[int], str]) -> Revision:
    """Return the revision that a service's template made."""
    template = service.template
    return Revision(
        name=service.latest_created_revision,
        uid=new_hex(16),
        generation=1,
        observed_generation=1,
        create_time=now,
        update_time=now,
        creator=service.creator,
        launch_stage=service.launch_stage,
        service=service.name,
        scaling=template.scaling,
        max_instance_request_concurrency=template.max_instance_request_concurrency,
        timeout=template.timeout,
        service_account=template.service_account,
        containers=template.containers,
        execution_environment=template.execution_environment,
        conditions=[
            _met("Ready", now),
            _met("ContainerHealthy", now),
            _met("ResourcesAvailable", now),
        ],
        etag=f'"{new_hex(8)}"',
    )


def _met(kind: str, now: datetime) -> Condition:
    succeeded = Condition.State.CONDITION_SUCCEEDED
    return Condition(type_=kind, state=succeeded, last_transition_time=now)
