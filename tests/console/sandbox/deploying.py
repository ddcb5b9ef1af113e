"""Deploying to a sandbox by Google's own client of Cloud Run."""

from __future__ import annotations

from google.api_core.operation_async import AsyncOperation
from google.cloud import run_v2
from google.longrunning.operations_pb2 import WaitOperationRequest
from open_sandbox import Clients

from console.sandbox.run.demo_service import DEMO

PARENT = f"projects/{DEMO.project}/locations/{DEMO.region}"
SUCCEEDED = run_v2.Condition.State.CONDITION_SUCCEEDED
FAILED = run_v2.Condition.State.CONDITION_FAILED
LATEST = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST
BY_NAME = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION
IMAGE = "registry.test/z-image/engine:1"


def a_service(**fields: object) -> run_v2.Service:
    """Return a service that asks for little, and answers everybody."""
    container = {"image": IMAGE, "ports": [{"container_port": 7860}]}
    asked = {"template": {"containers": [container]}, "invoker_iam_disabled": True}
    return run_v2.Service(**asked | fields)


async def ended(cloud: Clients, operation: AsyncOperation) -> object:
    """Return what came of an operation; raises what it failed with."""
    if not operation.operation.done:
        # The client itself would look for it once a second.
        await cloud.services.wait_operation(WaitOperationRequest(name=operation.operation.name))
    return await operation.result()


async def created(cloud: Clients, name: str, service: run_v2.Service) -> run_v2.Service:
    """Create a service and wait until it is rolled out."""
    return await ended(
        cloud, await cloud.services.create_service(parent=PARENT, service_id=name, service=service)
    )


async def demo(cloud: Clients) -> run_v2.Service:
    """Return the service that a sandbox begins with."""
    return await cloud.services.get_service(name=DEMO.resource)


async def updated(cloud: Clients, service: run_v2.Service, *paths: str) -> run_v2.Service:
    """Change a service and wait until that is rolled out."""
    request = run_v2.UpdateServiceRequest(service=service)
    if paths:
        request.update_mask = {"paths": list(paths)}
    return await ended(cloud, await cloud.services.update_service(request))


def with_image(service: run_v2.Service, image: str) -> run_v2.Service:
    """Return a copy of a service that is to run another image."""
    changed = run_v2.Service(service)
    changed.template.containers[0].image = image
    return changed


def said(resource: run_v2.Service | run_v2.Revision) -> dict[str, str]:
    """Return the state of each condition by its type, in short."""
    return {each.type_: each.state.name.removeprefix("CONDITION_") for each in resource.conditions}


def short(name: str) -> str:
    """Return the last part of a resource's name."""
    return name.rpartition("/")[2]
