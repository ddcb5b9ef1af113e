"""A roll-out stage by stage: from a new revision until requests go to it.

Nothing tells how far a roll-out is in percent. What is known are moments: what Cloud Run says of
service and revision, and what the log of the revision's first instance says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from console.language import tr, tr_later
from console.model.conditions import Meaning, meaning
from console.model.log.lines import LogRecord
from console.model.service import Condition, ConditionState, Revision, ServiceFacts
from console.model.text import SafeText

if TYPE_CHECKING:
    from console.model.launches import Launch

KEPT: Final = timedelta(minutes=2)
"""How long a roll-out that succeeded is shown."""

_SOON: Final = timedelta(seconds=5)

CREATING: Final = tr_later("Creating revision")
STARTING: Final = tr_later("Starting an instance")
PROBING: Final = tr_later("Start-up probe")
ROUTING: Final = tr_later("Routing traffic")
READY: Final = tr_later("Ready")


class StageState(StrEnum):
    """How far a stage is."""

    TO_COME = "to come"
    GOING_ON = "going on"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; a moment that nothing told of is None.

    `name` is the same in every language, `title` what people read.
    """

    name: str
    state: StageState = StageState.TO_COME
    began: datetime | None = None
    ended: datetime | None = None

    @property
    def title(self) -> str:
        """What it is called."""
        return tr(self.name)

    def seconds(self, now: datetime) -> float | None:
        """Return how long it took, or has gone on by `now`; None when nothing told of it."""
        if self.began is None or self.state in (StageState.TO_COME, StageState.SKIPPED):
            return None
        if self.ended is None and self.state is not StageState.GOING_ON:
            return None
        return max(0.0, ((self.ended or now) - self.began).total_seconds())


@dataclass(frozen=True, slots=True)
class Rollout:
    """What happens to `revision`, while `serving` gets the requests.

    `cause` says why it failed, and `last_words` are the last lines of the instance that did.
    """

    revision: SafeText
    serving: SafeText | None
    stages: tuple[Stage, ...]
    cause: Meaning | None = None
    last_words: tuple[LogRecord, ...] = ()

    @property
    def going_on(self) -> bool:
        """Whether it has neither succeeded nor failed yet."""
        return self.cause is None and self.stages[-1].state is not StageState.DONE

    @property
    def present(self) -> Stage:
        """The stage that goes on or failed, else the last one."""
        states = (StageState.GOING_ON, StageState.FAILED)
        return next((each for each in self.stages if each.state in states), self.stages[-1])


def rollout(
    facts: ServiceFacts, revision: Revision | None, launch: Launch | None, now: datetime
) -> Rollout | None:
    """Return the roll-out that goes on, failed, or ended a moment ago; None when there is none.

    `revision` is the newest one as Cloud Run describes it, None before that is known; `launch`
    what its log tells.
    """
    name = facts.latest_created_revision
    if name is None or _over(facts, now):
        return None
    known = revision if revision is not None and revision.name == name else None
    seen = _Moments.of(facts, known, launch)
    stages = _stages(facts, seen)
    failed = _failure(facts, known)
    if failed is None:
        return Rollout(name, facts.latest_ready_revision, stages)
    old = facts.latest_ready_revision
    return Rollout(
        name,
        None if old == name else old,
        _with_failure(stages, _failed_stage(failed, seen), failed.changed),
        meaning(failed),
        () if launch is None else tuple(launch.lines),
    )


def _over(facts: ServiceFacts, now: datetime) -> bool:
    ready = facts.ready
    if facts.reconciling or ready is None or ready.state is not ConditionState.SUCCEEDED:
        return False
    changed, updated = ready.changed, facts.updated
    return changed is None or updated is None or changed < updated - _SOON or now - changed > KEPT


@dataclass(frozen=True, slots=True)
class _Moments:
    """When each thing happened, where something told."""

    asked: datetime | None
    made: datetime | None
    started: datetime | None
    probed: datetime | None
    healthy: bool
    unchecked: bool
    routed: datetime | None
    all_done: bool

    @classmethod
    def of(cls, facts: ServiceFacts, known: Revision | None, launch: Launch | None) -> _Moments:
        ready = None if known is None else known.ready
        health = None if known is None else _named(known.conditions, "ContainerHealthy")
        succeeded = ready is not None and ready.state is ConditionState.SUCCEEDED
        all_done = (
            not facts.reconciling
            and facts.ready is not None
            and facts.ready.state is ConditionState.SUCCEEDED
        )
        healthy = succeeded or _has(health, ConditionState.SUCCEEDED)
        said = None if launch is None else launch.probed
        return cls(
            asked=facts.updated,
            made=None if known is None else known.created,
            started=None if launch is None else launch.first_words or said,
            probed=said or (health.changed if health is not None and healthy else None),
            healthy=healthy,
            unchecked=any(
                each.reason == "HEALTH_CHECK_SKIPPED"
                for each in (() if known is None else known.conditions)
            ),
            routed=facts.ready.changed if all_done and facts.ready is not None else None,
            all_done=all_done,
        )


def _stages(facts: ServiceFacts, seen: _Moments) -> tuple[Stage, ...]:
    made = seen.made is not None
    new_revision = not made or _made_for_this(seen)
    routing = Stage(ROUTING)
    if seen.all_done:
        since = seen.probed if new_revision else seen.asked
        routing = Stage(routing.name, StageState.DONE, since, seen.routed)
    elif seen.healthy or seen.probed or seen.unchecked or not new_revision:
        since = (seen.probed or seen.made) if new_revision else seen.asked
        routing = Stage(routing.name, StageState.GOING_ON, since)
    ready = Stage(READY)
    if seen.all_done:
        ready = Stage(ready.name, StageState.DONE, seen.asked, seen.routed)
    if not new_revision:
        return (routing, ready)
    creating = Stage(
        CREATING,
        StageState.DONE if made else StageState.GOING_ON,
        seen.asked,
        seen.made,
    )
    return (creating, *_start(seen, made), routing, ready)


def _made_for_this(seen: _Moments) -> bool:
    """Say whether the newest revision came with this change; else only traffic moves."""
    if seen.made is None or seen.asked is None:
        return True
    return seen.made >= seen.asked - _SOON


def _start(seen: _Moments, made: bool) -> tuple[Stage, Stage]:
    """Return the stages that an instance goes through."""
    if seen.unchecked:
        return Stage(STARTING, StageState.SKIPPED), Stage(PROBING, StageState.SKIPPED)
    if not made:
        return Stage(STARTING), Stage(PROBING)
    if seen.healthy or seen.probed is not None:
        return (
            Stage(STARTING, StageState.DONE, seen.made, seen.started),
            Stage(PROBING, StageState.DONE, seen.started, seen.probed),
        )
    if seen.started is None:
        return Stage(STARTING, StageState.GOING_ON, seen.made), Stage(PROBING)
    return (
        Stage(STARTING, StageState.DONE, seen.made, seen.started),
        Stage(PROBING, StageState.GOING_ON, seen.started),
    )


def _failure(facts: ServiceFacts, known: Revision | None) -> Condition | None:
    """Return the condition that says most about why it failed; None when it did not."""
    failed = [] if known is None else [c for c in known.conditions if _has(c, _FAILED)]
    of_service = [each for each in facts.conditions if _has(each, _FAILED)]
    if facts.ready is not None and _has(facts.ready, _FAILED):
        of_service.append(facts.ready)
    if not of_service and (facts.reconciling or not failed):
        return None
    particular = [each for each in failed if each.type != "Ready"]
    return next(iter((*particular, *failed, *of_service)), None)


def _failed_stage(failed: Condition, seen: _Moments) -> str:
    if seen.made is None:
        return CREATING
    if failed.type in ("ContainerReady", "ResourcesAvailable"):
        return CREATING
    if failed.type == "RoutesReady" or seen.healthy:
        return ROUTING
    return STARTING if seen.started is None else PROBING


def _with_failure(
    stages: Sequence[Stage], failed: str, ended: datetime | None
) -> tuple[Stage, ...]:
    """Return the stages with one failed: those before are done, those after never come."""
    names = [each.name for each in stages]
    place = names.index(failed) if failed in names else 0
    before = [
        each
        if each.state is not StageState.GOING_ON
        else Stage(each.name, StageState.DONE, each.began, each.ended)
        for each in stages[:place]
    ]
    began = stages[place].began or next((e.ended for e in reversed(before) if e.ended), None)
    broken = Stage(failed, StageState.FAILED, began, ended)
    return (*before, broken, *(Stage(name) for name in names[place + 1 :]))


_FAILED: Final = ConditionState.FAILED


def _has(condition: Condition | None, state: ConditionState) -> bool:
    return condition is not None and condition.state is state


def _named(conditions: Sequence[Condition], name: str) -> Condition | None:
    return next((each for each in conditions if each.type == name), None)
