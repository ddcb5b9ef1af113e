"""Accounts are made and let read a bucket by Google's interfaces, against the sandbox."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from cloud_of_sandbox import PROJECT, Joined

from console.sandbox.faults import Fault
from console.sources.base import Denied, Missing, Offline, SourceError, Throttled
from console.sources.deploying.accounts import Accounts
from console.sources.deploying.bucket_access import LATE_SECONDS, VIEWER, BucketAccess
from console.sources.google_errors import Asked
from console.sources.storage import CloudStorage

NAME, TITLE = "zimage-runtime", "Z-Image runtime (made by zimage-console)"
ADDRESS = f"{NAME}@{PROJECT}.iam.gserviceaccount.com"
MEMBER = f"serviceAccount:{ADDRESS}"
BUCKET = "sandbox-z-image-models"
ALICE = "user:alice@sandbox.test"


async def test_an_account_is_made_once_and_removed_once(joint: Joined) -> None:
    accounts = joint.deploying.accounts
    assert await accounts.account(PROJECT, NAME) is None
    for _ in range(2):
        assert await accounts.make(PROJECT, NAME, TITLE) == ADDRESS
    assert await accounts.account(PROJECT, NAME) == ADDRESS
    for _ in range(2):
        await accounts.remove(PROJECT, NAME)
    assert await accounts.account(PROJECT, NAME) is None


async def test_a_lost_answer_makes_no_second_account(joint: Joined) -> None:
    accounts = joint.deploying.accounts
    joint.faults.begin(Fault.ANSWER_LOST)
    with pytest.raises(Offline, match="cannot make service account"):
        await accounts.make(PROJECT, NAME, TITLE)
    joint.faults.end(Fault.ANSWER_LOST)
    assert await accounts.make(PROJECT, NAME, TITLE) == ADDRESS


async def test_an_account_is_let_read_and_forbidden_to(joint: Joined) -> None:
    accounts = joint.deploying.accounts
    await accounts.make(PROJECT, NAME, TITLE)
    assert await accounts.readers(BUCKET) == frozenset()
    for _ in range(2):
        await accounts.let_read(BUCKET, MEMBER)
    assert await accounts.readers(BUCKET) == {MEMBER}
    await accounts.let_read(BUCKET, "user:alice@sandbox.test")
    for _ in range(2):
        await accounts.forbid(BUCKET, MEMBER)
    assert await accounts.readers(BUCKET) == {"user:alice@sandbox.test"}


async def test_what_is_let_read_already_is_not_written_again(joint: Joined) -> None:
    accounts = joint.deploying.accounts
    await accounts.make(PROJECT, NAME, TITLE)
    await accounts.let_read(BUCKET, MEMBER)
    joint.faults.begin(Fault.CHANGES_DENIED)
    await accounts.let_read(BUCKET, MEMBER)
    with pytest.raises(Denied) as refused:
        await accounts.forbid(BUCKET, MEMBER)
    assert refused.value.permission == "storage.buckets.setIamPolicy"


async def test_an_account_that_is_not_known_yet_is_waited_for(joint: Joined) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        joint.faults.end(Fault.ACCOUNT_LATE)

    storage = joint.cloud.storage
    assert isinstance(storage, CloudStorage)
    await joint.deploying.accounts.make(PROJECT, NAME, TITLE)
    joint.faults.begin(Fault.ACCOUNT_LATE, 600)

    await BucketAccess(storage.ask, sleep).let_read(BUCKET, MEMBER)

    assert len(slept) == 1
    assert await joint.deploying.accounts.readers(BUCKET) == {MEMBER}


async def test_an_account_that_never_comes_is_told_in_the_platforms_words(joint: Joined) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    storage = joint.cloud.storage
    assert isinstance(storage, CloudStorage)
    with pytest.raises(SourceError, match=f"Service account {ADDRESS} does not exist") as refused:
        await BucketAccess(storage.ask, sleep).let_read(BUCKET, MEMBER)
    assert sum(slept) == LATE_SECONDS
    assert refused.value.message.startswith(f"cannot let {MEMBER} read gs://{BUCKET}: ")


async def test_two_at_once_are_both_let_read(joint: Joined) -> None:
    members = [f"user:{name}@sandbox.test" for name in ("alice", "bob", "carol")]
    accounts = joint.deploying.accounts
    await asyncio.gather(*(accounts.let_read(BUCKET, member) for member in members))
    assert await accounts.readers(BUCKET) == set(members)


async def set_by_hand(joint: Joined, *bindings: dict[str, object]) -> None:
    def put(client: Any) -> None:
        bucket = client.bucket(BUCKET)
        policy = bucket.get_iam_policy(requested_policy_version=3)
        policy.version = 3
        policy.bindings = [*policy.bindings, *bindings]
        bucket.set_iam_policy(policy)

    storage = joint.cloud.storage
    assert isinstance(storage, CloudStorage)
    await storage.ask(Asked("set", PROJECT, "storage.googleapis.com", ""), put)


async def bindings_of(joint: Joined) -> list[tuple[str, frozenset[str], bool]]:
    def read(client: Any) -> list[tuple[str, frozenset[str], bool]]:
        policy = client.bucket(BUCKET).get_iam_policy(requested_policy_version=3)
        return [
            (each["role"], frozenset(each["members"]), "condition" in each)
            for each in policy.bindings
            if "legacy" not in each["role"]
        ]

    storage = joint.cloud.storage
    assert isinstance(storage, CloudStorage)
    return await storage.ask(Asked("read", PROJECT, "storage.googleapis.com", ""), read)


async def test_other_roles_and_conditions_stay_as_they_are(joint: Joined) -> None:
    accounts = joint.deploying.accounts
    await accounts.make(PROJECT, NAME, TITLE)
    evenings = {"title": "evenings", "expression": "request.time.getHours() > 18"}
    writer = {"role": "roles/storage.objectUser", "members": {ALICE}}
    await set_by_hand(joint, writer, {"role": VIEWER, "members": {MEMBER}, "condition": evenings})
    kept = [("roles/storage.objectUser", {ALICE}, False), (VIEWER, {MEMBER}, True)]
    assert await accounts.readers(BUCKET) == {ALICE}

    await accounts.let_read(BUCKET, MEMBER)
    assert await bindings_of(joint) == [*kept, (VIEWER, {MEMBER}, False)]

    await accounts.forbid(BUCKET, MEMBER)
    assert await bindings_of(joint) == kept


async def test_an_account_that_was_removed_is_forbidden_under_its_new_name(
    joint: Joined,
) -> None:
    deleted = f"deleted:{MEMBER}?uid=1234"
    await set_by_hand(joint, {"role": VIEWER, "members": {deleted, ALICE}})
    await joint.deploying.accounts.forbid(BUCKET, MEMBER)
    assert await bindings_of(joint) == [(VIEWER, {ALICE}, False)]


async def test_a_bucket_that_is_gone_has_no_readers(joint: Joined) -> None:
    accounts = joint.deploying.accounts
    await accounts.forbid("sandbox-none", MEMBER)
    with pytest.raises(Missing, match="cannot read who may read gs://sandbox-none"):
        await accounts.readers("sandbox-none")


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault.CHANGES_DENIED, Denied, "have roles/iam.serviceAccountCreator granted in sandbox"),
        (Fault.CHANGES_THROTTLED, Throttled, "too much was asked for"),
        (Fault.CHANGES_UNAVAILABLE, Offline, "is out of reach"),
    ],
)
async def test_refusals_say_what_is_lacking(
    joint: Joined, fault: Fault, kind: type[SourceError], words: str
) -> None:
    joint.faults.begin(fault)
    accounts = joint.deploying.accounts
    assert isinstance(accounts, Accounts)
    with pytest.raises(kind, match=words):
        await accounts.make(PROJECT, NAME, TITLE)
