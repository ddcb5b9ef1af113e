"""What is done to a service that there is: moved, split, held, or removed; each planned first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from console.model.deploy.destroying import plan_destroy
from console.model.deploy.likeness import wish_like
from console.model.deploy.moving import plan_rollback, plan_scale, plan_traffic
from console.model.deploy.observed import Observed, ServiceSeen
from console.model.deploy.step import Plan
from console.model.deploy.wish import DeployWish
from console.model.service import ServiceName, TrafficShare
from console.session.deploy_work import DeployWork, Planner
from console.sources.base import SourceError
from console.sources.prices import packaged_prices


@dataclass(frozen=True, slots=True)
class Move:
    """Something to be done; `planner` makes the plan.

    `removes` says that it takes to know what was deployed, and what of it other services use.
    """

    planner: Planner
    removes: bool = False


def roll_back(revision: str) -> Move:
    """Send all requests to a revision; empty: to the one that served before."""

    def planner(wish: DeployWish, observed: Observed) -> Plan:
        return plan_rollback(wish.place, observed, revision)

    return Move(planner)


def split(shares: tuple[TrafficShare, ...]) -> Move:
    """Split requests between revisions."""

    def planner(wish: DeployWish, observed: Observed) -> Plan:
        return plan_traffic(wish.place, observed, shares)

    return Move(planner)


def scale(instances: int | None) -> Move:
    """Hold so many instances by hand, None: as many as are needed."""

    def planner(wish: DeployWish, observed: Observed) -> Plan:
        return plan_scale(wish.place, observed, instances, packaged_prices())

    return Move(planner)


def destroy(*, with_bucket: bool) -> Move:
    """Remove what was deployed, with the bucket or without."""

    def planner(wish: DeployWish, observed: Observed) -> Plan:
        return plan_destroy(wish, observed, packaged_prices(), with_bucket=with_bucket)

    return Move(planner, removes=True)


async def planned(work: DeployWork, place: ServiceName, move: Move) -> Plan:
    """Look at a service and return the plan; what was deployed is remembered, or guessed from it.

    Raises `SourceError`.
    """
    applied = work.remembered(place)
    found: ServiceSeen | None = None
    if applied is None and move.removes:
        with suppress(SourceError):
            found = await work.seen(place)
    wish = wish_like(place, applied, found)
    return await work.look(wish, move.planner, neighbours=move.removes)
