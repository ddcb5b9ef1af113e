"""The sandbox's storage, the console's way to its buckets, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from served_storage import PROJECT, Served

from console.model.models.bucket_plan import BucketPlan
from console.model.models.bucket_settings import SafeSettings, Setting
from console.session.transfer.bucket_setup import BucketSetup, Sought
from console.sources.bucket_making import BucketMaker
from console.sources.prices import packaged_prices
from console.sources.storage import CloudStorage, on_loopback

REGION = "us-central1"
SAFE = SafeSettings(REGION, reader=REGION)
NAME = "acme-z-image-models"
Json = dict[str, Any]

UNSAFE: dict[Setting, Json] = {
    Setting.PUBLIC_ACCESS: {"iamConfiguration": {"publicAccessPrevention": "inherited"}},
    Setting.UNIFORM_ACCESS: {"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": False}}},
    Setting.STORAGE_CLASS: {"storageClass": "NEARLINE"},
    Setting.VERSIONING: {"versioning": {"enabled": True}},
    Setting.SOFT_DELETE: {"softDeletePolicy": {"retentionDurationSeconds": str(30 * 86_400)}},
    Setting.UNFINISHED_UPLOADS: {"lifecycle": None},
}
"""How each setting is made unsafe, as the interface has it."""

_ALWAYS_NEW = ("metageneration", "etag", "updated")


@dataclass
class Cloud:
    """Makes, changes and shows buckets behind the console's back."""

    served: Served

    @asynccontextmanager
    async def setup(
        self,
        name: str = NAME,
        wanted: SafeSettings = SAFE,
        within: Callable[[BucketMaker], Any] = lambda maker: maker,
        **how: Any,
    ) -> AsyncIterator[BucketSetup]:
        """Open the console's way to a bucket."""
        source = CloudStorage(lambda: on_loopback(self.served.url.removeprefix("http://")))
        sought = Sought(name=name, wanted=wanted, **({"project": PROJECT, "create": True} | how))
        try:
            yield BucketSetup(within(source.maker()), source, sought, packaged_prices())
        finally:
            await source.aclose()

    async def plan(self, name: str = NAME, **how: Any) -> BucketPlan:
        async with self.setup(name, **how) as setup:
            return await setup.look()

    async def mend(self, name: str = NAME, **how: Any) -> BucketPlan:
        """Carry out what is to be done; return what is left."""
        async with self.setup(name, **how) as setup:
            plan = await setup.look()
            return await setup.carry_out(plan) if plan.to_do else plan

    def patch(self, change: Json, name: str = NAME) -> None:
        answer = self._ask("PATCH", f"/storage/v1/b/{name}", json=change)
        assert answer.ok, answer.text

    def make(self, said: Json) -> None:
        answer = self._ask("POST", "/storage/v1/b", params={"project": PROJECT}, json=said)
        assert answer.ok, answer.text

    def shown(self, name: str = NAME) -> Json:
        """Return all that is told of a bucket, apart from what every change changes."""
        answer = self._ask("GET", f"/storage/v1/b/{name}")
        assert answer.ok, answer.text
        resource: Json = answer.json()
        policy = resource["softDeletePolicy"]
        return {
            key: {"retentionDurationSeconds": policy["retentionDurationSeconds"]}
            if key == "softDeletePolicy"
            else value
            for key, value in resource.items()
            if key not in _ALWAYS_NEW
        }

    def _ask(self, method: str, path: str, **how: Any) -> Any:
        return self.served.session().request(method, f"{self.served.url}{path}", **how)


def settings(plan: BucketPlan) -> list[Setting]:
    return [each.setting for each in plan.differences]
