"""What `scale`, `rollback`, `traffic` and `destroy` ask for, read from the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from console.model.deploy.destroying import plan_destroy
from console.model.deploy.likeness import wish_like
from console.model.deploy.moving import plan_rollback, plan_scale, plan_traffic
from console.model.deploy.observed import Observed, ServiceSeen
from console.model.deploy.share_words import read_instances, read_share
from console.model.deploy.step import Plan
from console.model.deploy.wish import DeployWish
from console.model.service import ServiceName
from console.session.deploy_work import DeployWork, Planner
from console.sources.prices import packaged_prices

_REVISION: Final = re.compile(r"LATEST|[a-z][a-z0-9-]{0,62}|")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done to a service that there is: `planner` makes the plan."""

    planner: Planner
    destroys: bool = False
    """Whether it takes to know what was deployed, and who else uses it."""
    neighbours: bool = False
    """Whether it matters what other services use."""

    async def look(self, work: DeployWork, place: ServiceName) -> Plan:
        """Look at a service and return the plan; raises `SourceError`."""
        applied = work.remembered(place)
        wish = wish_like(place, applied, None)
        if applied is None and self.destroys:
            found = (await work.observe(wish)).service
            if isinstance(found, ServiceSeen):
                wish = wish_like(place, None, found)
        return await work.look(wish, self.planner, neighbours=self.neighbours)


def asked_of(verb: str, arguments: Mapping[str, object]) -> Asked:
    """Return what the command line asks for; raises `ValueError` with what is wrong with it."""
    match verb:
        case "scale":
            return _scale(str(arguments["instances"]))
        case "rollback":
            return _rollback(str(arguments["revision"]))
        case "traffic":
            said = arguments["shares"]
            return _traffic([str(each) for each in said] if isinstance(said, list) else [])
        case _:
            return _destroy(with_bucket=arguments["with_bucket"] is True)


def _scale(said: str) -> Asked:
    instances = read_instances(said)

    def planner(wish: DeployWish, observed: Observed) -> Plan:
        return plan_scale(wish.place, observed, instances, packaged_prices())

    return Asked(planner)


def _rollback(revision: str) -> Asked:
    if not _REVISION.fullmatch(revision):
        raise ValueError(f"{revision[:70]!r} names no revision; write it as z-image-00003-abc")

    def planner(wish: DeployWish, observed: Observed) -> Plan:
        return plan_rollback(wish.place, observed, revision)

    return Asked(planner)


def _traffic(said: list[str]) -> Asked:
    shares = tuple(read_share(each) for each in said)

    def planner(wish: DeployWish, observed: Observed) -> Plan:
        return plan_traffic(wish.place, observed, shares)

    return Asked(planner)


def _destroy(*, with_bucket: bool) -> Asked:
    def planner(wish: DeployWish, observed: Observed) -> Plan:
        return plan_destroy(wish, observed, packaged_prices(), with_bucket=with_bucket)

    return Asked(planner, destroys=True, neighbours=True)
