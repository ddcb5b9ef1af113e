"""A bucket is made with safe settings, and one there is is held to them, and to nothing else."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from bucket_scene import NAME, REGION, UNSAFE, Cloud, settings
from hypothesis import HealthCheck, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from console.model.models.bucket_settings import BucketSettings, SafeSettings, Setting
from console.model.text import SafeText
from console.sandbox.faults import Fault
from console.session.transfer.bucket_setup import NotMade
from console.sources.base import Denied, Offline, Overtaken
from console.sources.bucket_making import BucketMaker, NameTaken

_OWN: dict[str, Any] = {
    "labels": {"team": "pictures"},
    "cors": [{"origin": ["https://example.test"], "method": ["GET"]}],
    "website": {"mainPageSuffix": "index.html"},
}
"""What somebody set for himself, and is none of the console's business."""


async def test_a_bucket_is_made_with_safe_settings_once(cloud: Cloud) -> None:
    planned = await cloud.plan()
    assert planned.observed is None
    assert settings(planned) == list(Setting)
    assert [each.setting for each in planned.differences if not each.changeable] == [
        Setting.NAME,
        Setting.LOCATION,
    ]

    left = await cloud.mend()
    made = cloud.shown()
    again = await cloud.mend()

    assert not left.differences
    assert not again.to_do
    assert cloud.shown() == made
    assert made["location"] == "US-CENTRAL1"
    assert made["storageClass"] == "STANDARD"
    assert made["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"] is True
    assert made["iamConfiguration"]["publicAccessPrevention"] == "enforced"
    assert made["softDeletePolicy"] == {"retentionDurationSeconds": "604800"}
    assert made["lifecycle"] == {
        "rule": [{"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 7}}]
    }
    assert "versioning" not in made


async def test_planning_touches_nothing(cloud: Cloud) -> None:
    await cloud.plan()
    with pytest.raises(AssertionError, match="does not exist"):
        cloud.shown()

    cloud.make({"name": NAME, "location": REGION})
    before = cloud.shown()
    assert settings(await cloud.plan()) == [
        Setting.PUBLIC_ACCESS,
        Setting.UNIFORM_ACCESS,
        Setting.UNFINISHED_UPLOADS,
    ]
    assert cloud.shown() == before


@pytest.mark.parametrize("setting", UNSAFE)
async def test_what_is_unsafe_is_found_and_mended_and_nothing_else_changes(
    cloud: Cloud, setting: Setting
) -> None:
    await cloud.mend()
    rule = {"action": {"type": "Delete"}, "condition": {"numNewerVersions": 3}}
    rules = [] if setting is Setting.UNFINISHED_UPLOADS else cloud.shown()["lifecycle"]["rule"]
    cloud.patch(_OWN)
    safe = cloud.shown()
    cloud.patch(UNSAFE[setting] | {"lifecycle": {"rule": [rule, *rules]}})
    before = cloud.shown()

    found = await cloud.plan()
    left = await cloud.mend()

    assert settings(found) == [setting]
    (difference,) = found.differences
    assert difference.why
    assert difference.cost
    assert difference.changeable
    assert not left.differences
    after = cloud.shown()
    assert after["lifecycle"]["rule"] == [rule, *safe["lifecycle"]["rule"]]
    key = next(iter(UNSAFE[setting]))
    assert after.pop(key) != before.pop(key)
    after.pop("lifecycle", None)
    before.pop("lifecycle", None)
    assert after == before


async def test_what_is_deleted_may_be_kept_for_a_week_or_not_at_all(cloud: Cloud) -> None:
    await cloud.mend(wanted=SafeSettings(REGION, timedelta()))
    assert cloud.shown()["softDeletePolicy"] == {"retentionDurationSeconds": "0"}
    assert not (await cloud.plan()).differences

    for days in (7, 0, 7):
        wanted = SafeSettings(REGION, timedelta(days=days))
        await cloud.mend(wanted=wanted)
        seconds = str(days * 86_400)
        assert cloud.shown()["softDeletePolicy"] == {"retentionDurationSeconds": seconds}
        assert not (await cloud.plan()).differences


async def test_a_bucket_in_another_region_stays_there_and_is_told_with_its_price(
    cloud: Cloud,
) -> None:
    cloud.make({"name": NAME, "location": "europe-west4"})

    left = await cloud.mend()

    (difference,) = left.differences
    assert difference.setting is Setting.LOCATION
    assert (difference.observed, difference.wanted) == ("europe-west4", REGION)
    assert not difference.changeable
    assert difference.command is None
    cost = difference.cost.words
    assert "for each cold start as it is (estimate for 7.8 GB, prices of 20" in cost
    assert "$" in cost
    assert "make another" in difference.caution
    assert cloud.shown()["location"] == "EUROPE-WEST4"


async def test_a_bucket_meant_to_be_far_from_its_service_is_made_and_told(cloud: Cloud) -> None:
    plan = await cloud.plan(wanted=SafeSettings("europe-west4", reader=REGION))
    (note,) = plan.notes
    assert "the service is in us-central1" in note
    assert "$" in note


async def test_a_bucket_of_several_regions_will_do_but_is_told(cloud: Cloud) -> None:
    cloud.make({"name": NAME, "location": "US"})
    left = await cloud.mend()
    assert not left.differences
    assert any("us includes us-central1" in each for each in left.notes)


async def test_a_rule_that_may_delete_the_model_is_told_and_left(cloud: Cloud) -> None:
    await cloud.mend()
    deleting = {"action": {"type": "Delete"}, "condition": {"age": 30}}
    cloud.patch({"lifecycle": {"rule": [deleting, *cloud.shown()["lifecycle"]["rule"]]}})

    left = await cloud.mend()

    assert not left.differences
    (note,) = left.notes
    assert '"type": "Delete"' in note
    assert cloud.shown()["lifecycle"]["rule"][0] == deleting


async def test_a_name_of_somebody_else_is_told_from_ones_own(cloud: Cloud) -> None:
    with pytest.raises(NameTaken) as theirs:
        await cloud.mend("z-image-models")
    assert not theirs.value.ours
    assert "belongs to somebody else" in theirs.value.message
    assert "choose another by --name" in theirs.value.message

    async with cloud.setup() as setup:
        plan = await setup.look()
        cloud.make({"name": NAME, "location": REGION})
        left = await setup.carry_out(plan)
    assert not left.differences
    assert cloud.shown()["iamConfiguration"]["publicAccessPrevention"] == "enforced"


async def test_a_taken_name_that_nobody_may_look_at_is_told_when_it_is_made(cloud: Cloud) -> None:
    async with cloud.setup() as setup:
        plan = await setup.look()
    async with cloud.setup("models") as other:
        with pytest.raises(NameTaken, match="all of Google Cloud shares the names"):
            await other.carry_out(replace(plan, name="models"))


@dataclass(frozen=True)
class InAnotherProject:
    """A maker who may look at a bucket that the project does not have."""

    maker: BucketMaker

    def __getattr__(self, name: str) -> Any:
        return getattr(self.maker, name)

    async def is_in(self, project: str, name: str) -> bool:
        return False


async def test_a_bucket_of_another_project_is_used_only_if_somebody_chose_it(cloud: Cloud) -> None:
    cloud.make({"name": NAME, "location": REGION})
    before = cloud.shown()

    async with cloud.setup(within=InAnotherProject) as setup:
        with pytest.raises(NameTaken, match="sandbox has none of this name"):
            await setup.look()
    assert cloud.shown() == before

    async with cloud.setup(within=InAnotherProject, chosen=True) as setup:
        plan = await setup.look()
    assert plan.notes == ("it is not in project sandbox",)
    assert plan.changes


async def test_what_may_not_be_done_is_named_with_its_role(cloud: Cloud) -> None:
    cloud.served.faults.begin(Fault.STORAGE_DENIED)
    with pytest.raises(Denied, match=r"storage\.buckets\.get is missing") as denied:
        await cloud.plan()
    assert denied.value.role == "roles/storage.bucketViewer"
    cloud.served.faults.end(Fault.STORAGE_DENIED)

    async with cloud.setup() as setup:
        plan = await setup.look()
        cloud.served.faults.begin(Fault.STORAGE_DENIED)
        with pytest.raises(Denied) as denied:
            await setup.carry_out(plan)
        cloud.served.faults.end(Fault.STORAGE_DENIED)
    assert denied.value.permission == "storage.buckets.create"
    assert denied.value.role == "roles/storage.admin"
    assert "have roles/storage.admin granted in sandbox" in denied.value.message

    cloud.make({"name": NAME, "location": REGION})
    async with cloud.setup() as setup:
        plan = await setup.look()
        cloud.served.faults.begin(Fault.STORAGE_DENIED)
        with pytest.raises(Denied):
            await setup.carry_out(plan)
        cloud.served.faults.end(Fault.STORAGE_DENIED)
    assert (await cloud.plan()).changes


async def test_what_somebody_else_changed_meanwhile_is_not_overrun(cloud: Cloud) -> None:
    cloud.make({"name": NAME, "location": REGION})
    async with cloud.setup() as setup:
        plan = await setup.look()
        cloud.patch({"labels": {"owner": "other"}})
        before = cloud.shown()
        with pytest.raises(Overtaken, match="changed by somebody else"):
            await setup.carry_out(plan)
        assert cloud.shown() == before
        assert not (await setup.carry_out(await setup.look())).differences


async def test_a_storage_that_does_not_answer_is_no_missing_bucket(cloud: Cloud) -> None:
    cloud.served.faults.begin(Fault.STORAGE_UNAVAILABLE)
    with pytest.raises(Offline):
        await cloud.plan()
    cloud.served.faults.end(Fault.STORAGE_UNAVAILABLE)


@dataclass(frozen=True)
class LosesTheAnswer:
    """A maker whose bucket is made while the line breaks."""

    maker: BucketMaker

    def __getattr__(self, name: str) -> Any:
        return getattr(self.maker, name)

    async def create(self, project: str, name: str, wanted: SafeSettings) -> BucketSettings:
        await self.maker.create(project, name, wanted)
        raise Offline(SafeText("the line broke"))


async def test_a_bucket_whose_making_was_never_answered_is_found_made(cloud: Cloud) -> None:
    async with cloud.setup(within=LosesTheAnswer) as setup:
        with pytest.raises(Offline):
            await setup.carry_out(await setup.look())
        again = await setup.look()

    assert again.observed is not None
    assert not again.differences


async def test_none_is_made_unless_asked_for_and_known_where(cloud: Cloud) -> None:
    with pytest.raises(NotMade, match="make it by --create"):
        await cloud.plan(create=False)
    with pytest.raises(NotMade, match="without a project and a region"):
        await cloud.plan(wanted=SafeSettings(""))
    with pytest.raises(NotMade, match="without a project and a region"):
        await cloud.plan(project="")
    with pytest.raises(NotMade, match="owns that domain"):
        await cloud.plan("models.example.com")


_RULES = st.lists(
    st.one_of(
        st.builds(
            lambda age: {
                "action": {"type": "AbortIncompleteMultipartUpload"},
                "condition": {"age": age},
            },
            st.integers(0, 30),
        ),
        st.builds(
            lambda prefix: {
                "action": {"type": "AbortIncompleteMultipartUpload"},
                "condition": {"age": 1, "matchesPrefix": [prefix]},
            },
            st.text(max_size=5),
        ),
        st.just({"action": {"type": "Delete"}, "condition": {"age": 400, "isLive": False}}),
    ),
    max_size=4,
)
_BUCKETS = st.fixed_dictionaries(
    {},
    optional={
        "storageClass": st.sampled_from(("STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE")),
        "versioning": st.fixed_dictionaries({"enabled": st.booleans()}),
        "softDeletePolicy": st.fixed_dictionaries(
            {"retentionDurationSeconds": st.sampled_from((0, 7, 8, 90)).map(lambda d: d * 86_400)}
        ),
        "iamConfiguration": st.fixed_dictionaries(
            {},
            optional={
                "publicAccessPrevention": st.sampled_from(("inherited", "enforced")),
                "uniformBucketLevelAccess": st.fixed_dictionaries({"enabled": st.booleans()}),
            },
        ),
        "lifecycle": st.fixed_dictionaries({"rule": _RULES}),
        "labels": st.dictionaries(st.sampled_from(("a", "b")), st.just("c")),
    },
)


_NUMBERS = itertools.count()


@given(st.data())
@runs(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_bucket_is_like_a_plan_leaves_nothing_that_could_be_changed(
    cloud: Cloud, data: st.DataObject
) -> None:
    said = data.draw(_BUCKETS)
    region = data.draw(st.sampled_from((REGION, "europe-west4", "US")))
    kept = data.draw(st.sampled_from((None, timedelta(), timedelta(days=7))))
    name = f"bucket-{next(_NUMBERS)}"
    cloud.make(said | {"name": name, "location": region})
    before = cloud.shown(name)

    left = asyncio.run(cloud.mend(name, wanted=SafeSettings(REGION, kept, REGION)))

    assert not left.changes
    assert settings(left) == ([Setting.LOCATION] if region == "europe-west4" else [])
    after = cloud.shown(name)
    assert after.get("labels") == before.get("labels")
    old = before.get("lifecycle", {}).get("rule", [])
    assert after["lifecycle"]["rule"][: len(old)] == old
    assert len(after["lifecycle"]["rule"]) <= len(old) + 1
