"""Which bucket models are kept in: the one a service reads them from, or one that is named."""

from __future__ import annotations

from dataclasses import dataclass

from console.language import tr
from console.model.service import ServiceName
from console.model.storage import Bucket, ObjectList, UnfinishedUpload
from console.model.text import SafeText
from console.sources.base import Denied, Missing, ServiceSource, SourceError, StorageSource
from console.terminal.sanitise import sanitise


class NoPlace(SourceError):
    """There is no bucket to speak of, or none that may be used; the message has the mend."""


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket and what is in it; `service` is the one that reads models from it, if known.

    `unseen` says what could not be looked at, empty if everything could.
    """

    bucket: Bucket
    found: ObjectList
    unfinished: tuple[UnfinishedUpload, ...] = ()
    service: ServiceName | None = None
    unseen: str = ""

    @property
    def region(self) -> str:
        """Where the bucket is, as regions are written elsewhere; empty if nobody said."""
        return self.bucket.location.lower()


async def look_into(
    storage: StorageSource,
    services: ServiceSource | None,
    service: ServiceName | None,
    named: str | None,
) -> Place:
    """Return the bucket `named`, or else that of `service`, with what is in it.

    Raises `SourceError`; `NoPlace` if there is no such bucket or it is somebody else's.
    """
    name = named or await _mounted(services, service)
    unseen: list[str] = []
    try:
        bucket = await storage.bucket(name)
    except Missing:
        raise NoPlace(_none(name, service)) from None
    except Denied as denied:
        # Whoever may use the objects need not be allowed to see the bucket's settings.
        unseen.append(denied.message)
        bucket = Bucket(name=sanitise(name), location=SafeText(""), storage_class=SafeText(""))
    try:
        found = await storage.objects(name)
    except Denied as denied:
        raise NoPlace(_not_ours(name, denied)) from None
    unfinished: tuple[UnfinishedUpload, ...] = ()
    try:
        unfinished = await storage.unfinished_uploads(name)
    except Denied as denied:
        unseen.append(denied.message)
    return Place(bucket, found, unfinished, service, tr("; ").join(unseen))


async def _mounted(services: ServiceSource | None, service: ServiceName | None) -> str:
    """Return the bucket that a service sees as a directory."""
    if service is None or services is None:
        raise NoPlace(
            sanitise(
                tr("no bucket is named: add --bucket NAME, or --context PROJECT/REGION/SERVICE")
            )
        )
    facts = await services.get(service)
    if not facts.volumes:
        raise NoPlace(
            sanitise(
                tr(
                    "{service} mounts no bucket; name one by --bucket NAME, or make one: "
                    "zimage-console models bucket --create --apply, in the same --context",
                    service=service,
                )
            )
        )
    return facts.volumes[0].bucket


def _none(name: str, service: ServiceName | None) -> SafeText:
    where = f" --region {service.region}" if service else ""
    return sanitise(
        tr(
            "there is no bucket gs://{name}; check the name, or make it with safe settings: "
            "zimage-console models bucket --create --apply --name {name}{region}, in the same "
            "--context",
            name=name,
            region=where,
        )
    )


def _not_ours(name: str, denied: Denied) -> SafeText:
    permission = denied.permission or "storage.objects.list"
    role = denied.role or "roles/storage.objectUser"
    return sanitise(
        tr(
            "gs://{name} may not be looked into ({permission} is missing): names of buckets are "
            "shared by all the world, so it may be somebody else's; name another by --bucket, or "
            "have {role} granted on it",
            name=name,
            permission=permission,
            role=role,
        )
    )
