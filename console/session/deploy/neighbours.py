"""Other services of a project that use what a deployment uses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from console.language import tr
from console.model.deploy.image_tag import image_repository
from console.model.deploy.observed import Neighbours
from console.model.deploy.wish import DeployWish
from console.model.image_name import ImageName
from console.model.service import ServiceFacts, ServiceName
from console.sources.base import Missing, Offline
from console.sources.google_channel import GoogleCloud
from console.terminal.sanitise import sanitise


async def find_neighbours(cloud: GoogleCloud, wish: DeployWish) -> Neighbours:
    """Return who uses the same things; raises `SourceError` unless all services could be seen."""
    listed = await cloud.projects.services(wish.place.project)
    if listed.unreachable:
        where = tr(", ").join(listed.unreachable)
        raise Offline(sanitise(tr("services of {regions} cannot be seen", regions=where)))
    others = [each.name for each in listed.services if each.name != wish.place]
    found = await asyncio.gather(*(_facts(cloud, each) for each in others))
    facts = [each for each in found if each is not None]
    return Neighbours(
        account=_names(each for each in facts if _runs_as(each, wish)),
        bucket=_names(each for each in facts if _reads(each, wish.bucket)),
        repository=_names(each for each in facts if _runs_of(each, wish)),
    )


async def _facts(cloud: GoogleCloud, name: ServiceName) -> ServiceFacts | None:
    try:
        return await cloud.services.get(name)
    except Missing:
        # It was removed meanwhile.
        return None


def _runs_as(facts: ServiceFacts, wish: DeployWish) -> bool:
    return bool(wish.account_email) and facts.service_account == wish.account_email


def _reads(facts: ServiceFacts, bucket: str) -> bool:
    return any(each.bucket == bucket for each in facts.volumes)


def _runs_of(facts: ServiceFacts, wish: DeployWish) -> bool:
    try:
        return ImageName.parse(facts.image or "").repository == image_repository(wish)
    except ValueError:
        return False


def _names(facts: Iterable[ServiceFacts]) -> frozenset[str]:
    return frozenset(each.name.service for each in facts)
