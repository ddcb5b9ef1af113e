"""One step for each thing that a destruction removes; what is gone already is shown as that."""

from __future__ import annotations

import shlex
from datetime import timedelta

from console.language import tr
from console.model.deploy.commands import delete_account, delete_repository, forbid_reading
from console.model.deploy.image_tag import image_repository
from console.model.deploy.observed import Absent, Seen
from console.model.deploy.plan_costs import cost_words, kept_bucket
from console.model.deploy.scene import Scene, assumed
from console.model.deploy.service_commands import delete
from console.model.deploy.step import Effect, Step, Subject
from console.model.deploy.steps.service import is_ours
from console.model.storage import size_text


def service_removal(scene: Scene) -> Step:
    """Return the step that removes the service with its revisions."""
    place, found = scene.wish.place, scene.service
    url = found.facts.url if found else None
    count = len(found.revisions) if found else 0
    revisions = tr("its {count} revisions", count=count) if count > 1 else tr("its revisions")
    address = tr("the address {url}", url=url) if url else tr("its address")
    ours = tr("the console did not make this service")
    notes = (
        tr("instances end within seconds; pictures that are being made are lost"),
        tr("its log lines stay for as long as the project keeps them"),
    )
    foreign = found is not None and not is_ours(found)
    return _step(
        Subject.SERVICE,
        scene.observed.service,
        tr("the service {service}", service=place.service),
        str(place),
        commands=(delete(place),),
        notes=(*notes, *((ours,) if foreign else ())),
        loses=(revisions, address),
    )


def reading_removal(scene: Scene) -> Step | None:
    """Return the step that takes the account's right to read, None if it has none."""
    email, bucket = scene.wish.account_email, f"gs://{scene.wish.bucket}"
    if scene.bucket and f"serviceAccount:{email}" not in scene.bucket.readers:
        return None
    return _step(
        Subject.READING,
        scene.observed.bucket,
        tr("the right of {account} to read {bucket}", account=scene.wish.account, bucket=bucket),
        scene.wish.bucket,
        commands=(forbid_reading(scene.wish.bucket, email),),
    )


def account_removal(scene: Scene) -> Step:
    """Return the step that removes the account."""
    email = scene.wish.account_email
    return _step(
        Subject.ACCOUNT,
        scene.observed.account,
        tr("the account {account}", account=scene.wish.account),
        email,
        commands=(delete_account(scene.project, email),),
        notes=(tr("for 30 days it can be had back: gcloud iam service-accounts undelete"),),
    )


def repository_removal(scene: Scene) -> Step:
    """Return the step that removes the repository with its images."""
    kept = image_repository(scene.wish)
    return _step(
        Subject.REPOSITORY,
        scene.observed.repository,
        tr("the repository {name} in {location}", name=kept.name, location=kept.location),
        str(kept),
        commands=(delete_repository(kept),),
        loses=(tr("all images in it, whoever put them there"),),
    )


def bucket_removal(scene: Scene) -> Step:
    """Return the step that removes the bucket with everything in it."""
    name = f"gs://{scene.wish.bucket}"
    sizes = sum(scene.models.sizes.values()) if scene.models else 0
    lost = (
        tr(
            "the model, {size}, and whatever else is in {bucket}",
            size=size_text(sizes),
            bucket=name,
        )
        if sizes
        else tr("the model and whatever else is in {bucket}", bucket=name)
    )
    return _step(
        Subject.BUCKET,
        scene.observed.bucket,
        tr("{bucket} with everything in it", bucket=name),
        scene.wish.bucket,
        commands=(shlex.join(["gcloud", "storage", "rm", "--recursive", "--all-versions", name]),),
        notes=_soft_delete(scene),
        loses=(lost,),
    )


def _soft_delete(scene: Scene) -> tuple[str, ...]:
    kept = scene.bucket.settings.soft_delete if scene.bucket else None
    if not kept:
        return () if kept is not None else (tr("whether anything can be restored is not known"),)
    days = kept / timedelta(days=1)
    price = cost_words(kept_bucket(scene, kept), tr("for {cost}"))
    return (
        tr(
            "soft delete keeps its objects for {days:g} more days, and they are paid {price}",
            days=days,
            price=price,
        ),
    )


def _step(
    subject: Subject,
    seen: Seen[object],
    what: str,
    target: str,
    *,
    commands: tuple[str, ...],
    notes: tuple[str, ...] = (),
    loses: tuple[str, ...] = (),
) -> Step:
    if isinstance(seen, Absent):
        return Step(
            subject=subject,
            effect=Effect.NOTHING,
            title=tr("{what}: there is none", what=what),
            target=target,
        )
    return Step(
        subject=subject,
        effect=Effect.DELETE,
        title=tr("remove {what}", what=what),
        target=target,
        commands=commands,
        notes=notes,
        assumed=assumed(seen, tr("that it is there")),
        loses=loses,
    )
