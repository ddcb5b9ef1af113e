"""The service that the sandbox begins with: deployed, ready, and at zero."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from google.api import launch_stage_pb2
from google.cloud.run_v2.types import (
    Condition,
    Container,
    ContainerPort,
    EnvVar,
    ExecutionEnvironment,
    GCSVolumeSource,
    IngressTraffic,
    ResourceRequirements,
    RevisionScaling,
    RevisionTemplate,
    Service,
    ServiceScaling,
    TrafficTarget,
    TrafficTargetStatus,
    Volume,
    VolumeMount,
)

from console.model.service import ServiceName
from console.sandbox.run import conditions
from console.sandbox.run.conditions import SUCCEEDED, condition
from console.sandbox.run.revisions import new_revision
from console.sandbox.run.services import LATEST, Deployment
from console.sandbox.storage.seeding import MODELS_BUCKET

DEMO: Final = ServiceName("sandbox", "local-1", "zimage")
MODELS_PATH: Final = "/models"
OPERATOR: Final = "operator@sandbox.test"
PORT: Final = 7860
MAX_INSTANCES: Final = 1
CONCURRENCY: Final = 8
TIMEOUT_SECONDS: Final = 300


def demo_deployment(name: ServiceName, now: datetime, new_hex: Callable[[int], str]) -> Deployment:
    """Return the service as if it had been deployed at the time `now`."""
    image = f"{name.region}-docker.pkg.dev/{name.project}/z-image/demo@sha256:{new_hex(32)}"
    revision = f"{name.service}-00001-{new_hex(2)[:3]}"

    def met(kind: str) -> Condition:
        return condition(kind, SUCCEEDED, now)

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
        template=_template(f"{name.service}-1", image, name.project),
        scaling=ServiceScaling(max_instance_count=MAX_INSTANCES),
        traffic=[TrafficTarget(type_=LATEST, percent=100)],
        traffic_statuses=[TrafficTargetStatus(type_=LATEST, percent=100)],
        invoker_iam_disabled=True,
        terminal_condition=met(conditions.READY),
        conditions=[met(conditions.ROUTES_READY), met(conditions.CONFIGURATIONS_READY)],
        latest_ready_revision=f"{name.resource}/revisions/{revision}",
        latest_created_revision=f"{name.resource}/revisions/{revision}",
        etag=f'"{new_hex(8)}"',
    )
    made = new_revision(service, revision, now, new_hex)
    for kind in (
        conditions.READY,
        conditions.ACTIVE,
        conditions.CONTAINER_READY,
        conditions.CONTAINER_HEALTHY,
        conditions.RESOURCES_AVAILABLE,
    ):
        conditions.put(made, met(kind))
    made.observed_generation = 1
    return Deployment(service, [made])


def _template(container: str, image: str, project: str) -> RevisionTemplate:
    return RevisionTemplate(
        scaling=RevisionScaling(max_instance_count=MAX_INSTANCES),
        timeout=timedelta(seconds=TIMEOUT_SECONDS),
        service_account=f"z-image@{project}.iam.gserviceaccount.com",
        execution_environment=ExecutionEnvironment.EXECUTION_ENVIRONMENT_GEN2,
        max_instance_request_concurrency=CONCURRENCY,
        volumes=[Volume(name="models", gcs=GCSVolumeSource(bucket=MODELS_BUCKET, read_only=True))],
        containers=[
            Container(
                name=container,
                image=image,
                env=[
                    EnvVar(name="GOOGLE_CLOUD_PROJECT", value=project),
                    EnvVar(name="ZIMAGE_MODELS", value=MODELS_PATH),
                ],
                volume_mounts=[VolumeMount(name="models", mount_path=MODELS_PATH)],
                ports=[ContainerPort(name="http1", container_port=PORT)],
                resources=ResourceRequirements(
                    limits={"cpu": "4", "memory": "16Gi"}, cpu_idle=True, startup_cpu_boost=True
                ),
            )
        ],
    )
