"""The service and the bucket that it has its model from."""

from __future__ import annotations

from typing import Final

from console.language import tr
from console.model.conditions import meaning
from console.model.doctor.answers import Because, Place, Unanswered, command, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import Answer
from console.model.doctor.finding import Finding, Mend, State
from console.model.models.bucket_name import usual_bucket
from console.model.service import ConditionState, ServiceFacts
from console.model.storage import Bucket

_PROBE: Final = (
    "httpGet.path=/readyz,httpGet.port={port},periodSeconds=10,timeoutSeconds=5,failureThreshold=24"
)
_OLD_PORT: Final = 7860


def models_bucket(service: Answer[ServiceFacts], project: str) -> str:
    """Return the bucket that a service has its model from, the usual one if it does not say."""
    volumes = service.volumes if isinstance(service, ServiceFacts) else ()
    return volumes[0].bucket if volumes else usual_bucket(project)


def bucket(
    name: str, found: Answer[Bucket], service: Answer[ServiceFacts], place: Place
) -> Finding:
    """Judge the bucket of a service: there, near it, and closed to the public."""
    if isinstance(found, Unanswered):
        if found.because is Because.MISSING:
            if (reason := _other_bucket(service)) is not None:
                return reason
            words = tr("there is no bucket gs://{bucket}", bucket=name)
            return Finding(Check.BUCKET, State.WRONG, words, _make_bucket(name, place))
        return unknown(Check.BUCKET, found, place)
    doubts: list[str] = []
    mends: list[Mend] = []
    if not _near(found, place):
        doubts.append(
            tr(
                "it is in {location}, the service in {region}",
                location=found.location,
                region=place.region,
            )
        )
        mends.append(
            Mend(words=tr("put the models into a bucket in {region}", region=place.region))
        )
    if found.uniform_access is False:
        doubts.append(tr("single objects can be opened to others"))
        mends.append(_update(name, "--uniform-bucket-level-access"))
    if found.public_access_prevented is False:
        doubts.append(tr("it can be opened to the public"))
        mends.append(_update(name, "--public-access-prevention"))
    if doubts:
        closing = (_close_bucket(place),) if any(each.command for each in mends) else ()
        words = tr(
            "gs://{bucket} in {location}: {doubts}",
            bucket=name,
            location=found.location,
            doubts=tr(", ").join(doubts),
        )
        return Finding(Check.BUCKET, State.WARNING, words, (*closing, *mends))
    return Finding(Check.BUCKET, State.OK, _closed(name, found))


def _closed(name: str, found: Bucket) -> str:
    """Say of a bucket that nothing is wrong with where it is, and how long it keeps things."""
    if not found.soft_delete:
        return tr(
            "gs://{bucket} in {location}, closed to the public",
            bucket=name,
            location=found.location,
        )
    return tr(
        "gs://{bucket} in {location}, closed to the public, keeps what is deleted for {days} d",
        bucket=name,
        location=found.location,
        days=found.soft_delete.days,
    )


def _other_bucket(service: Answer[ServiceFacts]) -> Finding | None:
    """Say why it is no matter that the usual bucket is missing, None if it is one."""
    if isinstance(service, ServiceFacts):
        if service.volumes:
            return None
        words = tr("the service has its model from no bucket")
        return Finding(Check.BUCKET, State.NOT_ASKED, words)
    if service.because is Because.MISSING:
        return None
    words = tr("which bucket the service has its model from is not known")
    return Finding(Check.BUCKET, State.UNKNOWN, words)


def _near(found: Bucket, place: Place) -> bool:
    """Say whether a bucket is in the region, or in several of which it may be one."""
    location = found.location.lower()
    return not location or location == place.region or "-" not in location


def _make_bucket(name: str, place: Place) -> tuple[Mend, ...]:
    """Return how a safe bucket is made by the console, and what comes to the same in gcloud."""
    ours = ("zimage-console", "models", "bucket", "--create", "--apply", "--context", place.context)
    theirs = command(
        *("gcloud", "storage", "buckets", "create", f"gs://{name}"),
        *(f"--project={place.project}", f"--location={place.region}"),
        *("--uniform-bucket-level-access", "--public-access-prevention"),
    )
    return (
        Mend(command(*ours), tr("without --apply it says what would be made, and what that costs")),
        Mend(theirs, tr("makes the same without the console")),
    )


def _close_bucket(place: Place) -> Mend:
    words = ("zimage-console", "models", "bucket", "--apply", "--context", place.context)
    said = tr("mends what can be; without --apply it says what that would be")
    return Mend(command(*words), said)


def _update(name: str, flag: str) -> Mend:
    return Mend(command("gcloud", "storage", "buckets", "update", f"gs://{name}", flag))


def service(found: Answer[ServiceFacts], place: Place) -> Finding:
    """Judge the service: there, ready, and not called so before it is."""
    if isinstance(found, Unanswered):
        if found.because is Because.MISSING:
            words = tr(
                "there is no service {service} in {region}",
                service=place.service,
                region=place.region,
            )
            return Finding(Check.SERVICE, State.WRONG, words, (_deploy(place), _list(place)))
        return unknown(Check.SERVICE, found, place)
    ready = found.ready
    if ready is not None and ready.state is ConditionState.FAILED:
        told = meaning(ready)
        words = tr("{service} is not ready: {why}", service=place.service, why=told.says)
        mends = (Mend(words=told.mend),) if told.mend else ()
        return Finding(Check.SERVICE, State.WRONG, words, (*mends, _logs(place)))
    if found.reconciling or ready is None or ready.state is not ConditionState.SUCCEEDED:
        words = tr("{service} is being deployed", service=place.service)
        return Finding(Check.SERVICE, State.UNKNOWN, words)
    if found.manual_instances == 0:
        words = tr(
            "{service} is ready, but switched off by hand: it has no instances",
            service=place.service,
        )
        return Finding(Check.SERVICE, State.WARNING, words, (_by_itself(place),))
    return _probed(found, place)


def _probed(found: ServiceFacts, place: Place) -> Finding:
    """Judge the start-up probe of a service that is ready."""
    probe = found.startup_probe
    if probe is None:
        words = tr(
            "{service} is ready, but it has no start-up probe of its own, "
            "and Cloud Run's passes once the port is open",
            service=place.service,
        )
    elif probe.kind == "TCP":
        words = tr(
            "{service} is ready, but its start-up probe is by TCP, "
            "and passes once the port is open",
            service=place.service,
        )
    else:
        words = tr("{service} is ready, asked by {kind}", service=place.service, kind=probe.kind)
        return Finding(Check.SERVICE, State.OK, words)
    port = _PROBE.format(port=found.port or _OLD_PORT)
    mend = Mend(
        command(
            *("gcloud", "run", "services", "update", place.service, f"--startup-probe={port}"),
            *(f"--project={place.project}", f"--region={place.region}"),
        ),
        tr("lets no request in before the model is usable; makes a new revision"),
    )
    return Finding(Check.SERVICE, State.WARNING, words, (mend,))


def _deploy(place: Place) -> Mend:
    registry = f"{place.region}-docker.pkg.dev/{place.project}/z-image/IMAGE"
    return Mend(
        command(
            *("gcloud", "run", "deploy", place.service, f"--image={registry}"),
            *(f"--project={place.project}", f"--region={place.region}", "--port=7860"),
            *("--cpu=4", "--memory=16Gi", "--max-instances=1", "--no-allow-unauthenticated"),
        ),
        tr("deploys one that is private and has one instance at most"),
    )


def _list(place: Place) -> Mend:
    return Mend(
        command("gcloud", "run", "services", "list", f"--project={place.project}"),
        tr("says which services there are"),
    )


def _logs(place: Place) -> Mend:
    said = ("zimage-console", "logs", "--context", place.context, "--severity", "warning")
    return Mend(command(*said))


def _by_itself(place: Place) -> Mend:
    return Mend(
        command(
            *("gcloud", "beta", "run", "services", "update", place.service, "--scaling=auto"),
            *(f"--project={place.project}", f"--region={place.region}"),
        ),
        tr("lets it start instances by itself again"),
    )
