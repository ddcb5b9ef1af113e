"""Who may call a service: told by two settings that have to be read together.

A service is open to everybody when Cloud Run does not check its callers, or when its policy
lets `allUsers` call it. Source: https://cloud.google.com/run/docs/authenticating/public.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later
from console.model.text import SafeText

CALLING_ROLES: Final = frozenset({"roles/run.invoker", "roles/run.servicesInvoker"})
"""The roles whose whole meaning is to call."""

EVERYBODY: Final = "allUsers"
EVERY_ACCOUNT: Final = "allAuthenticatedUsers"
_MORE_THAN_CALLING: Final = frozenset({"roles/run.admin", "roles/owner", "roles/editor"})
_INSIDE: Final = {
    "INTERNAL_ONLY": tr_later("from inside the project's networks only"),
    "INTERNAL_LOAD_BALANCER": tr_later("by way of its load balancer only"),
    "NONE": tr_later("by no way in at all"),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role given to members, under a condition if that has a title."""

    role: SafeText
    members: tuple[SafeText, ...]
    condition: SafeText | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What the policy of the service itself grants; what its project grants is not in it."""

    grants: tuple[Grant, ...] = ()

    def callers(self) -> tuple[SafeText, ...]:
        """Return the members who may call, each once, in the order of the policy."""
        calling = (each for each in self.grants if _lets_call(each))
        return tuple(dict.fromkeys(member for each in calling for member in each.members))


class Openness(StrEnum):
    """Who may call."""

    PUBLIC = "public"
    PRIVATE = "private"
    UNKNOWN = "unknown"

    @property
    def word(self) -> str:
        """The same as people read it."""
        return tr(_WORDS[self])


_WORDS: Final = {
    Openness.PUBLIC: tr_later("public"),
    Openness.PRIVATE: tr_later("private"),
    Openness.UNKNOWN: tr_later("unknown"),
}


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a service, with the reason in words."""

    openness: Openness
    why: SafeText

    def __str__(self) -> str:
        return tr("{openness}: {why}", openness=self.openness.word, why=self.why)


def access(
    *, check_is_off: bool, ingress: SafeText | None, policy: Policy | None, unknown: str = ""
) -> Access:
    """Judge who may call; `policy` None means that it could not be read, because of `unknown`."""
    limit = tr(_INSIDE.get(ingress or "", ""))
    if check_is_off:
        return _public(tr("callers are not checked"), limit)
    if policy is None:
        return Access(Openness.UNKNOWN, SafeText(unknown or tr("its policy was not read yet")))
    for grant in policy.grants:
        if EVERYBODY in grant.members and _lets_call(grant):
            return _public(_open_by(grant), limit)
    callers = policy.callers()
    if EVERY_ACCOUNT in callers:
        return _public(tr("whoever has a Google account may call"), limit)
    named = tr("nobody named by policy")
    if callers:
        named = tr("{count} named by policy", count=len(callers))
    return Access(Openness.PRIVATE, SafeText(_with_limit(named, limit)))


def _public(why: str, limit: str) -> Access:
    return Access(Openness.PUBLIC, SafeText(_with_limit(why, limit)))


def _with_limit(why: str, limit: str) -> str:
    return tr("{why}, {limit}", why=why, limit=limit) if limit else why


def _lets_call(grant: Grant) -> bool:
    return grant.role in CALLING_ROLES or grant.role in _MORE_THAN_CALLING


def _open_by(grant: Grant) -> str:
    member, role, condition = EVERYBODY, grant.role, grant.condition
    if not condition:
        return tr("{member} has {role}", member=member, role=role)
    return tr("{member} has {role} if {condition!r}", member=member, role=role, condition=condition)
