"""Who may read the objects of a bucket, in its own policy; the rest of which stays as it is.

Sources: https://cloud.google.com/storage/docs/access-control/iam-roles and, for accounts that are
not known everywhere yet, https://cloud.google.com/iam/docs/access-change-propagation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from google.api_core import exceptions as google

from console.language import tr
from console.sources.base import Missing, Overtaken
from console.sources.bucket_maker import Ask
from console.sources.deploying.rest_operations import Sleep
from console.sources.google_errors import Asked
from console.terminal.sanitise import sanitise

VIEWER: Final = "roles/storage.objectViewer"
READING_ROLES: Final = frozenset(
    {VIEWER, "roles/storage.objectUser", "roles/storage.objectAdmin", "roles/storage.admin"}
)
"""Roles that let their members both read objects and list them, as a mount needs it."""

LATE_SECONDS: Final = 60.0
"""How long a new account may be unknown where policies are kept."""

_INTERFACE: Final = "storage.googleapis.com"
_TIMEOUT: Final = (5.0, 15.0)
_CONDITIONAL: Final = 3
"""The first version of policies that has conditions."""
_ATTEMPTS: Final = 4
_PAUSE: Final = 2.0
_BY_RULE: Final = ("constraint", "public access prevention")


class BucketAccess:
    """Reads and changes policies by `ask`; `sleep` waits for an account to be known."""

    def __init__(self, ask: Ask, sleep: Sleep) -> None:
        self._ask = ask
        self._sleep = sleep

    async def readers(self, bucket: str) -> frozenset[str]:
        """Return the members that may read the objects of a bucket; raises `SourceError`."""
        asked = _asked(tr("read who may read gs://{bucket}", bucket=bucket), "getIamPolicy")
        return await self._ask(asked, partial(_readers, bucket))

    async def let_read(self, bucket: str, member: str) -> None:
        """Let a member read the objects of a bucket; raises `SourceError`.

        An account that was only just made is waited for.
        """
        asked = _asked(
            tr("let {member} read gs://{bucket}", member=member, bucket=bucket), "setIamPolicy"
        )
        waited = 0.0
        while True:
            last = waited >= LATE_SECONDS
            known = await self._ask(asked, partial(_grant, bucket, member, last, self._change))
            if known:
                return
            await self._sleep(_PAUSE)
            waited += _PAUSE

    async def forbid(self, bucket: str, member: str) -> None:
        """Take back that a member may read; no matter if there is no such bucket."""
        asked = _asked(
            tr("forbid {member} to read gs://{bucket}", member=member, bucket=bucket),
            "setIamPolicy",
        )
        try:
            await self._ask(asked, partial(self._change, bucket, partial(_without, member)))
        except Missing:
            return

    @staticmethod
    def _change(bucket: str, change: Callable[[Any], bool], client: Any) -> None:
        """Read a policy, let `change` change it, and write it if that says that it did."""
        there = client.bucket(bucket)
        for _ in range(_ATTEMPTS):
            policy = there.get_iam_policy(
                requested_policy_version=_CONDITIONAL, retry=None, timeout=_TIMEOUT
            )
            if not change(policy):
                return
            try:
                there.set_iam_policy(policy, retry=None, timeout=_TIMEOUT)
            except (google.PreconditionFailed, google.Conflict) as error:
                if any(word in str(error.message) for word in _BY_RULE):
                    raise
                continue
            return
        raise Overtaken(
            sanitise(
                tr(
                    "who may read gs://{bucket} is being changed by somebody else; try again",
                    bucket=bucket,
                )
            )
        )


def _asked(words: str, what: str) -> Asked:
    return Asked(words, "", _INTERFACE, f"storage.buckets.{what}")


def _readers(bucket: str, client: Any) -> frozenset[str]:
    policy = client.bucket(bucket).get_iam_policy(
        requested_policy_version=_CONDITIONAL, retry=None, timeout=_TIMEOUT
    )
    return frozenset(
        member
        for binding in policy.bindings
        if binding["role"] in READING_ROLES and not binding.get("condition")
        for member in binding.get("members", ())
    )


def _grant(
    bucket: str,
    member: str,
    last: bool,
    change: Callable[[str, Callable[[Any], bool], Any], None],
    client: Any,
) -> bool:
    """Let a member read; say whether it is known, unless it is the `last` attempt."""
    try:
        change(bucket, partial(_with, member), client)
    except (google.BadRequest, google.NotFound) as error:
        if last or not _unknown_member(error, member):
            raise
        return False
    return True


def _unknown_member(error: google.GoogleAPICallError, member: str) -> bool:
    return member.partition(":")[2] in str(error.message) and "not exist" in str(error.message)


def _with(member: str, policy: Any) -> bool:
    plain = _plain(policy)
    if any(member in each["members"] for each in plain):
        return False
    if plain:
        plain[0]["members"] = {*plain[0]["members"], member}
    else:
        policy.bindings.append({"role": VIEWER, "members": {member}})
    policy.version = max(policy.version or 1, _version(policy))
    return True


def _without(member: str, policy: Any) -> bool:
    """Take a member out, also under the name that it has once its account is removed."""
    changed = False
    for binding in _plain(policy):
        gone = {each for each in binding["members"] if _is(member, each)}
        binding["members"] = set(binding["members"]) - gone
        changed = changed or bool(gone)
    policy.bindings = [each for each in policy.bindings if each["members"]]
    policy.version = max(policy.version or 1, _version(policy))
    return changed


def _is(member: str, other: str) -> bool:
    return other == member or other.startswith(f"deleted:{member}?")


def _plain(policy: Any) -> list[Any]:
    """Return the bindings that let read without a condition."""
    return [
        each for each in policy.bindings if each["role"] == VIEWER and not each.get("condition")
    ]


def _version(policy: Any) -> int:
    return _CONDITIONAL if any(each.get("condition") for each in policy.bindings) else 1
