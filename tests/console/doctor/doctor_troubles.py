"""What can be broken in a sandbox: how, what turns red by it, what is said and what mends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from doctor_worlds import Practice

from console.model.doctor.checks import Check
from console.sandbox.cloud import DEMO
from console.sandbox.storage.seeding import MODELS_BUCKET

SERVICES = f"/v1/projects/{DEMO.project}/services"
BUCKET = f"/storage/v1/b/{MODELS_BUCKET}"
SERVICE = f"/apis/serving.knative.dev/v1/namespaces/{DEMO.project}/services/{DEMO.service}"
ALWAYS = {Check.SERVICE, Check.DOCKER}
"""What is a warning in a sandbox where all is well: no start-up probe, and no Docker engine."""

Break = Callable[[Practice], Awaitable[object]]


def fault(name: str) -> Break:
    return lambda practice: practice.call("PUT", f"/sandbox/faults/{name}")


def switched_off(interface: str) -> Break:
    return lambda practice: practice.call("POST", f"{SERVICES}/{interface}.googleapis.com:disable")


async def bucket_gone(practice: Practice) -> None:
    objects = (await practice.call("GET", f"{BUCKET}/o")).json()["items"]
    for each in objects:
        await practice.call("DELETE", f"{BUCKET}/o/{each['name']}")
    await practice.call("DELETE", BUCKET)


@dataclass(frozen=True)
class Trouble:
    """How something is broken, which checks turn red, and what is said and mended."""

    breaking: Break
    wrong: tuple[Check, ...]
    words: tuple[str, ...]
    mend: str
    warning: tuple[Check, ...] = ()
    silent: tuple[Check, ...] = ()
    """What cannot be told meanwhile."""


OF_THE_CLOUD = (
    *(Check.PROJECT, Check.BILLING, Check.INTERFACES, Check.WATCHING, Check.DEPLOYING),
    *(Check.STORING, Check.QUOTAS, Check.BUCKET, Check.SERVICE),
)
TROUBLES = {
    "an API is off": Trouble(
        switched_off("run"),
        (Check.INTERFACES,),
        ("off: run.googleapis.com (services)",),
        "gcloud services enable run.googleapis.com --project=sandbox",
        silent=(Check.SERVICE,),
    ),
    "an API that only helps is off": Trouble(
        switched_off("cloudbilling"),
        (),
        ("off: cloudbilling.googleapis.com",),
        "gcloud services enable cloudbilling.googleapis.com --project=sandbox",
        warning=(Check.INTERFACES,),
        silent=(Check.BILLING,),
    ),
    "services may not be read": Trouble(
        fault("services-denied"),
        (Check.WATCHING, Check.DEPLOYING),
        ("run.services.get", "run.services.create"),
        "--role=roles/run.viewer",
        silent=(Check.SERVICE,),
    ),
    "the log may not be read": Trouble(
        fault("logs-denied"),
        (Check.WATCHING,),
        ("missing: logging.logEntries.list",),
        "gcloud projects add-iam-policy-binding sandbox --member=user:YOUR_ACCOUNT "
        "--role=roles/logging.viewer",
    ),
    "figures may not be read": Trouble(
        fault("metrics-denied"),
        (Check.WATCHING,),
        ("missing: monitoring.timeSeries.list",),
        "--role=roles/monitoring.viewer",
    ),
    "the bucket may not be used": Trouble(
        fault("storage-denied"),
        (Check.STORING,),
        ("storage.objects.create",),
        f"gcloud storage buckets add-iam-policy-binding gs://{MODELS_BUCKET} "
        "--member=user:YOUR_ACCOUNT --role=roles/storage.admin",
        silent=(Check.BUCKET,),
    ),
    "there is no quota": Trouble(
        fault("quota-refused"),
        (Check.QUOTAS,),
        ("CpuAllocPerProjectRegion allows 0 vCPU of 4 vCPU",),
        "gcloud beta quotas preferences create --service=run.googleapis.com "
        "--quota-id=CpuAllocPerProjectRegion --preferred-value=4000 "
        "--dimensions=region=local-1 --project=sandbox --email=YOUR_ACCOUNT",
    ),
    "the login has run out": Trouble(
        fault("token-expired"),
        (Check.LOGIN,),
        ("Request had invalid authentication credentials",),
        "gcloud auth application-default login",
        silent=OF_THE_CLOUD,
    ),
    "the network is down": Trouble(
        fault("network-down"),
        (Check.NETWORK,),
        ("out of reach",),
        "python -m console.sandbox",
        silent=(*OF_THE_CLOUD, Check.CLOCK, Check.LOGIN),
    ),
    "the bucket is gone": Trouble(
        bucket_gone,
        (Check.BUCKET,),
        (f"there is no bucket gs://{MODELS_BUCKET}",),
        "zimage-console models bucket --create --apply --context sandbox\n"
        f"gcloud storage buckets create gs://{MODELS_BUCKET} --project=sandbox "
        "--location=local-1 --uniform-bucket-level-access --public-access-prevention",
    ),
    "the service is gone": Trouble(
        lambda practice: practice.call("DELETE", SERVICE),
        (Check.SERVICE,),
        ("there is no service zimage in local-1",),
        "gcloud run deploy zimage",
    ),
    "nobody pays": Trouble(
        lambda practice: practice.call(
            "PUT", f"/v1/projects/{DEMO.project}/billingInfo", {"billingAccountName": ""}
        ),
        (Check.BILLING,),
        ("off: nobody pays for sandbox",),
        "gcloud billing projects link sandbox --billing-account=ACCOUNT_ID",
    ),
    "the project is deleted": Trouble(
        lambda practice: practice.call("DELETE", f"/v3/projects/{DEMO.project}"),
        (Check.PROJECT,),
        ("sandbox is DELETE_REQUESTED",),
        "gcloud projects undelete sandbox",
    ),
    "services are not told now": Trouble(
        fault("services-unavailable"), (), ("run.googleapis.com",), "", silent=(Check.SERVICE,)
    ),
    "too much is asked for": Trouble(
        fault("services-throttled"), (), ("too much was asked for",), "", silent=(Check.SERVICE,)
    ),
    "storage is not there now": Trouble(
        fault("storage-unavailable"),
        (),
        ("storage.googleapis.com",),
        "",
        silent=(Check.BUCKET, Check.STORING),
    ),
}
